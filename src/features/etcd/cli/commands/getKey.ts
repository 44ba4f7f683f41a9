import { jsonLine, keyValueJson } from '../../core/client/etcdJson';
import type { EtcdWork } from '../etcdWork';
import { type EtcdOptions, readRevision, readWholeKey } from '../etcdOptions';
import { exitStatus } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import { shownKey, writeValue } from '../etcdOutput';

export interface GetOptions extends EtcdOptions {
  rev?: string;
  raw?: boolean;
}

/** `muster etcd get` */
export const getKey: EtcdWork<GetOptions> = async ([name], options, session, { terminal }) => {
  const { stdout } = terminal;
  const key = readWholeKey(name!, options);
  const revision = readRevision(options.rev, '--rev');
  const { etcd, call } = await session.open(session.entry(options.cluster));
  const kv = await etcd.get(key, { ...call, revision });
  if (options.json || options.ndjson) await stdout.write(`${jsonLine(kv ? keyValueJson(kv) : null)}\n`);
  else if (kv) await writeValue(stdout, kv.value, options.raw ?? false);
  else terminal.note(t('muster: {0} does not exist', shownKey(key)));
  return kv ? exitStatus.ok : exitStatus.failed;
};
