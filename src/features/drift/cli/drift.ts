import path from 'node:path';
import { MusterError, toMusterError } from '../../../platform/errors/errors';
import { writePrivateFile } from '../../../platform/files/privateFile';
import { largestFile } from '../../../platform/files/regularFile';
import { fileFault, writeFault } from '../../../platform/files/fileFault';
import type { Host, Inventory } from '../../../platform/inventory/model';
import { selectHosts } from '../../../platform/inventory/selection/selector';
import { printable } from '../../../platform/text/printable';
import { conductBatch } from '../../../shell/cli/batch';
import type { Cli } from '../../../shell/cli/cli';
import { exitStatus, UsageError } from '../../../shell/cli/exitStatus';
import { type BecomeOptions, readBecome } from '../../../shell/cli/hosts/become';
import { openHosts } from '../../../shell/cli/hosts/openInventory';
import { statusOfHosts } from '../../../shell/cli/hosts/unknownHosts';
import { t } from '../../../shell/cli/l10n';
import { readNamedFile } from '../../../shell/cli/namedFile';
import type { BatchOptions } from '../../../shell/cli/options';
import { jsonText } from '../../../shell/cli/output/jsonText';
import { ndjsonParts, writeParts } from '../../../shell/cli/output/jsonOutput';
import type { OutputStream } from '../../../shell/cli/output/outputStream';
import { paintOf } from '../../../shell/cli/output/paintOf';
import { formatTable } from '../../../shell/cli/output/table';
import type { Comparison } from '../core/compareFacts';
import { defaultFacts, type FactChoice, readFacts } from '../core/factChoice';
import { facts } from '../core/facts';
import { FactTable } from '../core/factTable';
import { contentDifferences, groupDifferences, type GroupDifference } from '../core/fileDifferences';
import { defaultTimeoutMs, type GatherReport, type GatherResult } from '../core/gatherFacts';
import { driftLines, type LineKind } from '../core/driftText';
import { driftJson } from '../core/driftJson';
import { readSnapshot, snapshotParts } from '../core/snapshot';
import { type Baseline, compareWith } from '../core/baseline';

export interface DriftOptions extends BatchOptions, BecomeOptions {
  facts?: string[];
  listFacts?: boolean;
  against?: string;
  save?: string;
  diff?: boolean;
}

type Report = GatherReport & { comparison: Comparison; diffs?: GroupDifference[] };

/** @throws UsageError, MusterError INVENTORY */
export async function compareHosts(
  selectors: readonly string[],
  options: DriftOptions,
  cli: Cli,
): Promise<number> {
  const { stdout } = cli.terminal;
  if (options.listFacts) {
    await listFacts(options, stdout);
    cli.interruption.dispose();
    return cli.interruption.exitStatus ?? exitStatus.ok;
  }
  if (selectors.length === 0) throw new UsageError(t('which hosts? Name some, or write all'));
  const asked = options.facts && readFacts(options.facts);
  const snapshot = isFile(options.against) ? await openSnapshot(options.against, cli) : undefined;
  const choices = asked ?? readFacts(snapshot?.keys ?? defaultFacts());
  const inventory = await openHosts(options, cli);
  const selected = selectHosts(inventory, selectors);
  const baseline = baselineOf(options.against, snapshot, choices, inventory);
  const named = baseline && 'host' in baseline ? inventory.hosts.get(baseline.host) : undefined;
  const hosts = named && !selected.includes(named) ? [named, ...selected] : selected;
  if (hosts.length < 2 && !baseline && options.save === undefined)
    throw new UsageError(
      t('one host has nothing to be compared with: select more, or use --against or --save'),
    );
  const { become, authority } = await readBecome(options, { hosts, inventory: inventory.file }, cli);
  const table = new FactTable(choices.map(({ key }) => key));
  return conductBatch<GatherResult, Report>(
    {
      ...{ inventory, selectors, authority },
      total: hosts.length,
      start: async (core, control) => {
        const gathered = await core.gatherFacts(hosts, choices, table, { ...control, become });
        const { comparison, compared } = compareWith(table, baseline);
        if (!options.diff) return { ...gathered, comparison };
        const surroundings = {
          transport: core.transport,
          hostOf: (name: string): Host | undefined => inventory.hosts.get(name),
          timeoutMs: control.timeoutMs ?? defaultTimeoutMs,
          signal: control.signal,
          become,
        };
        const diffs = [...groupDifferences(compared, comparison)];
        for await (const one of contentDifferences(comparison, surroundings)) diffs.push(one);
        return { ...gathered, comparison, diffs };
      },
      jsonOf: ({ comparison, ...report }) => ({ ...report, ...driftJson(comparison) }),
      print: (report) => print(report, stdout),
      finish: async () => {
        for (const key of emptyOf(table))
          cli.terminal.note(t('muster: {0}: no host has any', printable(key)));
        if (options.save !== undefined) await save(table, options.save, cli);
      },
      statusOf: (report, interrupted) => interrupted ?? statusOf(report, statusOfHosts(inventory, selectors)),
    },
    options,
    cli,
  );
}

/** Patterns and folders that no host has anything of: a mistake in one would look like agreement. */
function emptyOf({ keys, entries, rows }: FactTable): string[] {
  const shown = new Set(entries.map(({ fact }) => fact));
  const wasSeen = (fact: number) => [...rows.values()].every(({ incomplete }) => !incomplete[fact]);
  return keys.filter((key, fact) => key.includes('=') && rows.size > 0 && !shown.has(fact) && wasSeen(fact));
}

/** A host cannot be called so: its name holds no slash, and hardly ends with this. */
function isFile(against: string | undefined): against is string {
  return against !== undefined && (against.includes('/') || against.endsWith('.json'));
}

/** @throws MusterError USAGE */
async function openSnapshot(file: string, cli: Cli): Promise<FactTable> {
  let bytes: Buffer;
  try {
    bytes = await readNamedFile(file, largestFile.own, cli);
  } catch (error) {
    if (cli.interruption.signal.aborted) throw error;
    throw new UsageError(t('{0}: cannot read {1}: {2}', '--against', file, fileFault(error)));
  }
  try {
    return readSnapshot(bytes.toString('utf8'));
  } catch (error) {
    const { message, hint, cause } = toMusterError(error);
    // Nothing was compared, which 1 would say.
    throw new MusterError('USAGE', `--against ${printable(file)}: ${message}`, {
      cause,
      ...(hint && { hint }),
    });
  }
}

/** @throws UsageError */
function baselineOf(
  against: string | undefined,
  snapshot: FactTable | undefined,
  choices: readonly FactChoice[],
  inventory: Inventory,
): Baseline | undefined {
  if (against === undefined) return undefined;
  if (!snapshot) {
    if (inventory.hosts.has(against)) return { host: against };
    throw new UsageError(t('--against {0}: the inventory has no host of that name', against));
  }
  const missing = choices.find(({ key }) => !snapshot.keys.includes(key));
  if (missing) throw new UsageError(t('--against {0}: it does not have {1}', against, missing.key));
  return { snapshot, name: path.basename(against) };
}

async function listFacts({ json, ndjson }: DriftOptions, stdout: OutputStream): Promise<void> {
  const rows = facts.map(({ name, description, needs, isDefault = false, operand }) => ({
    ...{ name, description: t(description), needs: t(needs), isDefault },
    ...(operand && { operand: operand.name }),
  }));
  if (json) return stdout.write(`${jsonText(rows, 2)}\n`);
  if (ndjson) return writeParts(stdout, ndjsonParts(rows));
  const cells = rows.map(({ name, operand, isDefault, description, needs }) => [
    operand === undefined ? name : `${name}=${operand}`,
    isDefault ? t('yes') : '',
    description,
    needs,
  ]);
  await stdout.write(
    await formatTable([t('FACT'), t('BY DEFAULT'), t('WHAT IT COMPARES'), t('NEEDS')], cells, stdout.colors),
  );
}

async function print({ comparison, results, diffs }: Report, output: OutputStream): Promise<void> {
  const { colors } = output;
  const paints: Record<LineKind, (text: string) => string> = {
    ...{ head: colors.bold, group: colors.dim, entry: String, note: colors.dim, bad: colors.yellow },
    empty: String,
  };
  for (const { kind, text } of driftLines(comparison, unreachedOf(results)))
    await output.write(`${paints[kind](text)}\n`);
  for (const { patch } of diffs ?? []) {
    const lines = patch.split('\n').map((line) => paintOf(line, colors)(line));
    await output.write(`\n${lines.join('\n')}`);
  }
}

function unreachedOf(results: readonly GatherResult[]) {
  return results.flatMap(({ host, error }) => (error ? [{ host, error }] : []));
}

/** A difference is one however much cannot be seen; that nothing differs is said of what was seen as a whole only. */
function statusOf({ comparison, results }: Report, ofHosts: number): number {
  if (comparison.differences.length > 0) return exitStatus.failed;
  const isPartial = comparison.unseen.length > 0 || results.some(({ status }) => status !== 'ok');
  if (isPartial || ofHosts !== exitStatus.ok) return exitStatus.partial;
  return exitStatus.ok;
}

/** What was cut off by the user would look like hosts that are gone. */
async function save(table: FactTable, file: string, { cwd, terminal, interruption }: Cli): Promise<void> {
  if (interruption.exitStatus !== undefined)
    return terminal.note(t('muster: interrupted, so nothing was saved'));
  try {
    await writePrivateFile(path.resolve(cwd, file), snapshotParts(table, new Date()));
  } catch (error) {
    terminal.note(t('muster: cannot write the output: {0}', `${printable(file)}: ${writeFault(error)}`));
    interruption.stop(exitStatus.output, 'the output cannot be written');
  }
}
