import { jsonLine, keyJson } from '../../core/client/etcdJson';
import { parseDuration } from '../../../../platform/inventory/schema/duration';
import { readBounded } from '../../../../shell/cli/boundedInput';
import { confirmed } from '../../../../shell/cli/terminal/confirmation';
import type { EtcdWork } from '../etcdWork';
import { readRevision, readWholeKey, type WriteOptions } from '../etcdOptions';
import { exitStatus, UsageError } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import { printConflict } from '../etcdConflict';
import { byteCount, shownKey } from '../etcdOutput';

export interface PutOptions extends WriteOptions {
  ttl?: string;
}

/** `muster etcd put` */
export const putKey: EtcdWork<PutOptions> = async ([name, text = '-'], options, session, cli) => {
  const { terminal } = cli;
  const key = readWholeKey(name!, options);
  const ifRevision = readRevision(options.ifRevision, '--if-revision', 0);
  const ttl = readTtl(options.ttl);
  const entry = session.writableEntry(options.cluster);
  const value = text === '-' ? await readBounded(text, 'VALUE', cli) : Buffer.from(text);
  const question = t('Write {0} ({1}) to {2}?', shownKey(key), byteCount(value.length), entry.name);
  if (entry.protected && !options.yes && !(await confirmed(question, cli))) return exitStatus.failed;
  const { etcd, call } = await session.open(entry);
  const result = await etcd.put(key, value, { ...call, ifRevision, ttl });
  const asJson = options.json ?? options.ndjson ?? false;
  if (!result.ok) {
    for (const conflict of result.conflicts) await printConflict(conflict, asJson, terminal);
    return exitStatus.failed;
  }
  const { revision } = result;
  await terminal.stdout.write(
    asJson
      ? `${jsonLine({ ...keyJson(key), revision })}\n`
      : `${t('{0} written at revision {1}', shownKey(key), revision)}\n`,
  );
  return exitStatus.ok;
};

/** In whole seconds, as etcd has them. @throws UsageError */
function readTtl(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  let ms: number;
  try {
    ms = parseDuration(text);
  } catch (error) {
    throw new UsageError(`--ttl: ${(error as Error).message}`);
  }
  // etcd would take 0 for no lease.
  return Math.max(1, Math.ceil(ms / 1000));
}
