import { jsonLine } from '../../core/client/etcdJson';
import { prefixRange } from '../../core/client/etcdModel';
import type { Cli } from '../../../../shell/cli/cli';
import { confirmed } from '../../../../shell/cli/terminal/confirmation';
import type { EtcdWork } from '../etcdWork';
import type { OpenCluster } from '../etcdSession';
import { readRevision, readWholeKey, type WriteOptions } from '../etcdOptions';
import { exitStatus, UsageError } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import { printConflict } from '../etcdConflict';
import { keyCount, shownKey } from '../etcdOutput';

export interface DeleteOptions extends WriteOptions {
  prefix?: boolean;
}

/** `muster etcd del` */
export const deleteKeys: EtcdWork<DeleteOptions> = async ([name], options, session, cli) => {
  const { terminal } = cli;
  // An empty variable of a script must not delete everything.
  const key = readWholeKey(name!, options);
  const ifRevision = readRevision(options.ifRevision, '--if-revision', 1);
  if (options.prefix && ifRevision !== undefined)
    throw new UsageError(t('--if-revision is for one key, not for --prefix'));
  const entry = session.writableEntry(options.cluster);
  const question = t('Delete {0} from {1}?', shownKey(key), entry.name);
  if (!options.prefix && entry.protected && !options.yes && !(await confirmed(question, cli)))
    return exitStatus.failed;
  const cluster = await session.open(entry);
  const { etcd, call } = cluster;
  const asJson = options.json ?? options.ndjson ?? false;
  const result = options.prefix
    ? await deletePrefix(key, cluster, options, cli)
    : await etcd.delete(key, { ...call, ifRevision });
  if (!result) return exitStatus.failed;
  if (!result.ok) {
    if (options.prefix)
      terminal.note(t('muster: conflict: keys were written meanwhile. Nothing was deleted.'));
    else for (const conflict of result.conflicts) await printConflict(conflict, asJson, terminal);
    return exitStatus.failed;
  }
  const { deleted, revision } = result;
  await terminal.stdout.write(
    asJson
      ? `${jsonLine({ deleted, revision })}\n`
      : `${t('{0} deleted at revision {1}', keyCount(deleted), revision)}\n`,
  );
  return deleted > 0 ? exitStatus.ok : exitStatus.failed;
};

/** Deletes what was counted and agreed to: keys that are written meanwhile are not. undefined: the user has declined. */
async function deletePrefix(prefix: Buffer, cluster: OpenCluster, options: DeleteOptions, cli: Cli) {
  const { etcd, call, entry } = cluster;
  if (options.yes) return etcd.deletePrefix(prefix, call);
  const { count, revision } = await etcd.range(prefixRange(prefix), { ...call, limit: 1, keysOnly: true });
  const question = t(
    'Delete {0} beginning with {1} from {2}?',
    keyCount(count),
    shownKey(prefix),
    entry.name,
  );
  if (!(await confirmed(question, cli))) return undefined;
  return etcd.deletePrefix(prefix, { ...call, unchangedSince: revision });
}
