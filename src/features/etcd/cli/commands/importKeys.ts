import { keyJson } from '../../core/client/etcdJson';
import { appliedChange, applyDifferences, transactionsFor } from '../../core/compare/applyDifferences';
import type { Conflict } from '../../core/client/etcdTransaction';
import type { PrefixFile } from '../../core/compare/prefixFile';
import { type ClusterSide, type Difference, findDifferences } from '../../core/compare/prefixDifferences';
import { readPrefixFile } from '../../core/compare/readPrefixFile';
import { MusterError } from '../../../../platform/errors/errors';
import { readBounded } from '../../../../shell/cli/boundedInput';
import type { Cli } from '../../../../shell/cli/cli';
import { confirmed } from '../../../../shell/cli/terminal/confirmation';
import type { EtcdWork } from '../etcdWork';
import { type EtcdOptions, readKey } from '../etcdOptions';
import { exitStatus, UsageError } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import { printConflict } from '../etcdConflict';
import { JsonRecords, keyCount, shownKey } from '../etcdOutput';
import { formatProblem } from '../../../../shell/cli/output/problemText';

export interface ImportOptions extends EtcdOptions {
  prefix?: string;
  dryRun?: boolean;
  delete?: boolean;
  batches?: boolean;
  ttl?: boolean;
  yes?: boolean;
}

/** `muster etcd import`: makes the keys below a prefix as a file has them, each guarded by what it was compared with. */
export const importKeys: EtcdWork<ImportOptions> = async ([file], options, session, cli) => {
  const { terminal } = cli;
  const entry = options.dryRun ? session.entry(options.cluster) : session.writableEntry(options.cluster);
  const { header, entries } = await readFile(file!, entry.separator, cli);
  const prefix =
    options.prefix === undefined
      ? (header?.prefix ?? Buffer.from(entry.prefix))
      : readKey(options.prefix, options);
  const { etcd, call } = await session.open(entry);
  const [left, right] = [
    { kind: 'file', entries } as const,
    { kind: 'cluster', etcd, prefix, call } as const,
  ];
  // What cannot be shown cannot be agreed to: the limit is that of the file.
  const { all, same } = await findDifferences(left, right, { signal: call.signal });
  if (same === undefined)
    throw new MusterError('TOO_LARGE', t('more than {0} differ', keyCount(all.length)), {
      hint: t('Import the folders below the prefix one by one.'),
    });
  const chosen = all.filter((one) => options.delete || appliedChange(one) !== 'remove');
  const kept = all.length - chosen.length;
  const tell = teller(options, right, cli);
  const transactions = transactionsFor(chosen, prefix);
  const place = `${entry.name}:${shownKey(prefix)}`;
  if (options.dryRun || chosen.length === 0) {
    await tell.changes(chosen);
    await tell.end();
    if (!tell.asJson) terminal.note(planText(chosen, same, kept, place));
    return exitStatus.ok;
  }
  if (transactions.length > 1 && !options.batches)
    throw new UsageError(
      `${t('{0} differ: too many or too large for one transaction, it takes {1}.', keyCount(chosen.length), transactions.length)} ` +
        t('Nothing was written: give --batches to make them one after the other.'),
    );
  const question = `${planText(chosen, same, kept, place)}. ${t('Write?')}`;
  const mustAsk = entry.protected || chosen.some((one) => appliedChange(one) === 'remove');
  if (mustAsk && !options.yes && !(await confirmed(question, cli))) return exitStatus.failed;
  let done = 0;
  for (const differences of transactions) {
    const applying = { leftRevision: undefined, ttl: options.ttl ?? false };
    const result = await applyDifferences(differences, left, right, applying).catch((error: unknown) => {
      if (done > 0)
        terminal.note(t('muster: {0} of {1} were written before.', done, keyCount(chosen.length)));
      throw error;
    });
    if (!result.ok) {
      await tell.conflicts(result.conflicts);
      if (done > 0)
        terminal.note(t('muster: {0} of {1} were written before.', done, keyCount(chosen.length)));
      return exitStatus.failed;
    }
    await tell.changes(differences, result.revision);
    done += differences.length;
    if (!tell.asJson)
      terminal.note(t('{0} written at revision {1}', keyCount(differences.length), result.revision));
  }
  await tell.end();
  return exitStatus.ok;
};

/** @throws UsageError when it cannot be read or understood */
async function readFile(name: string, separator: string, cli: Cli): Promise<PrefixFile> {
  const content = await readBounded(name, 'FILE', cli);
  const { signal } = cli.interruption;
  const file = await readPrefixFile(content, { file: name, separator, signal });
  const { problems } = file;
  for (const problem of problems)
    cli.terminal.note(formatProblem(problem, cli.cwd, cli.terminal.stderr.colors));
  if (problems.length === 0) return file;
  throw new UsageError(t('the file has errors, so nothing was written'));
}

const marks = { add: 'A', change: 'M', remove: 'D' } as const;

/** Prints what is to be done, or was done at `revision`. */
function teller(options: ImportOptions, { prefix }: ClusterSide, { terminal }: Cli) {
  const { stdout } = terminal;
  const asJson = options.json ?? options.ndjson ?? false;
  const records = asJson ? new JsonRecords(stdout, options.ndjson ?? false) : undefined;
  const paint = { add: stdout.colors.green, change: stdout.colors.yellow, remove: stdout.colors.red };
  const lineOf = (difference: Difference) => {
    const change = appliedChange(difference);
    const key = shownKey(Buffer.concat([prefix, difference.name]));
    return `${paint[change](marks[change])} ${key}\n`;
  };
  return {
    asJson,
    async changes(differences: readonly Difference[], revision?: number): Promise<void> {
      if (!records) return stdout.write(differences.map(lineOf).join(''));
      await records.write(
        differences.map((difference) => ({
          ...keyJson(Buffer.concat([prefix, difference.name])),
          change: appliedChange(difference),
          ...(revision !== undefined && { revision }),
        })),
      );
    },
    async conflicts(conflicts: readonly Conflict[]): Promise<void> {
      if (!records) {
        // Their values were not read.
        for (const conflict of conflicts) await printConflict(conflict, 'revision', terminal);
        return;
      }
      await records.write(
        conflicts.map(({ key, expected, current }) => ({
          ...keyJson(key),
          conflict: { expected, currentRevision: current?.modRevision ?? 0 },
        })),
      );
      await records.end();
    },
    end: async () => records?.end(),
  };
}

function planText(chosen: readonly Difference[], same: number, kept: number, place: string): string {
  const count = (change: string) => chosen.filter((one) => appliedChange(one) === change).length;
  const counts = t(
    '{0}: {1} to add, {2} to change, {3} to remove, {4} the same',
    place,
    count('add'),
    count('change'),
    count('remove'),
    same,
  );
  return kept === 0
    ? counts
    : `${counts}; ${t('{0} not in the file stay (--delete removes them)', keyCount(kept))}`;
}
