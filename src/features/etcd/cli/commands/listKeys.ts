import { keyJson, revisionsJson } from '../../core/client/etcdJson';
import { prefixRange } from '../../core/client/etcdModel';
import type { EtcdWork } from '../etcdWork';
import { type EtcdOptions, readKey, readRevision } from '../etcdOptions';
import { exitStatus } from '../../../../shell/cli/exitStatus';
import { JsonRecords, shownKey } from '../etcdOutput';

export interface ListOptions extends EtcdOptions {
  rev?: string;
  null?: boolean;
}

/** `muster etcd ls`: a page at a time. */
export const listKeys: EtcdWork<ListOptions> = async ([prefix], options, session, { terminal }) => {
  const { stdout } = terminal;
  const revision = readRevision(options.rev, '--rev');
  const entry = session.entry(options.cluster);
  const { etcd, call } = await session.open(entry);
  const range = prefixRange(prefix === undefined ? Buffer.from(entry.prefix) : readKey(prefix, options));
  const records =
    options.json || options.ndjson ? new JsonRecords(stdout, options.ndjson ?? false) : undefined;
  const end = Buffer.from([options.null ? 0 : 0x0a]);
  for await (const { kvs } of etcd.list(range, { ...call, keysOnly: true, revision })) {
    // Whoever read the output may have gone.
    call.signal.throwIfAborted();
    if (records) await records.write(kvs.map((kv) => ({ ...keyJson(kv.key), ...revisionsJson(kv) })));
    else if (options.null || !stdout.isTTY)
      await stdout.write(Buffer.concat(kvs.flatMap(({ key }) => [key, end])));
    else await stdout.write(kvs.map(({ key }) => `${shownKey(key)}\n`).join(''));
  }
  await records?.end();
  return exitStatus.ok;
};
