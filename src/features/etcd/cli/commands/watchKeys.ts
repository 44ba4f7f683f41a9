import { setTimeout as delay } from 'node:timers/promises';
import { MusterError } from '../../../../platform/errors/errors';
import { movesOn } from '../../core/client/etcdError';
import { type Key, prefixRange, singleKey } from '../../core/client/etcdModel';
import { watchLines } from '../../core/watch/watchLines';
import { printable } from '../../../../platform/text/printable';
import type { OpenCluster } from '../etcdSession';
import type { EtcdWork } from '../etcdWork';
import { type EtcdOptions, readKey, readRevision } from '../etcdOptions';
import { exitStatus } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import { JsonRecords } from '../etcdOutput';

export interface WatchOptions extends EtcdOptions {
  rev?: string;
  progress?: boolean;
}

/** `muster etcd watch`: until it is stopped. What is not read is not taken from etcd. */
export const watchKeys: EtcdWork<WatchOptions> = async ([prefix], options, session, { terminal }) => {
  const fromRevision = readRevision(options.rev, '--rev');
  const entry = session.entry(options.cluster);
  const { etcd, call } = await session.open(entry);
  const range = prefixRange(prefix === undefined ? Buffer.from(entry.prefix) : readKey(prefix, options));
  await untilAnswered({ etcd, call }, range.start, (line) => terminal.note(line));
  const lines = new JsonRecords(terminal.stdout, true);
  for await (const record of etcd.watch(range, { fromRevision, signal: call.signal }))
    if (record.type !== 'progress' || options.progress) await lines.write(watchLines(record));
  return exitStatus.ok;
};

/** Milliseconds between two attempts to reach a cluster that did not answer. */
const restMs = 1_000;

/** Waits for a cluster that gives no answer at all, and says so. @throws MusterError when it refuses instead */
async function untilAnswered(
  { etcd, call }: Pick<OpenCluster, 'etcd' | 'call'>,
  key: Key,
  note: (line: string) => void,
): Promise<void> {
  let noted: string | undefined;
  for (;;) {
    try {
      await etcd.range(singleKey(key), { keysOnly: true, ...call });
      return;
    } catch (error) {
      // One that did not answer before may be starting.
      const waits =
        error instanceof MusterError && (noted === undefined ? error.code === 'TIMEOUT' : movesOn(error));
      if (!waits || call.signal.aborted) throw error;
      const said = `${error.code}: ${error.message}`;
      if (said !== noted) {
        note(printable(t('muster: cannot connect yet, still trying: {0}', said), 500));
        if (error.hint !== undefined) note(printable(error.hint, 500));
      }
      noted = said;
      await delay(restMs, undefined, { signal: call.signal }).catch(() => {});
    }
  }
}
