import { access } from 'node:fs/promises';
import path from 'node:path';
import { MusterError } from '../core/errors';
import { clusterEntries } from '../core/etcd/section/clusterEntry';
import { largestFile } from '../core/files/regularFile';
import { loadInventory } from '../core/inventory/loadInventory';
import type { Inventory } from '../core/inventory/model';
import { sections } from '../core/sections';
import type { Cli } from './cli';
import { InventoryTrust } from './inventoryTrust';
import { t } from './l10n';
import { readNamedFile } from './namedFile';
import type { CommonOptions } from './options';
import { formatProblem } from './output/problemText';

const fileName = 'muster.yaml';
/** More problems than this are counted, not shown. */
const shownProblems = 100;

/**
 * Loads the inventory that `--inventory` names or that is found upwards, and shows its problems.
 * @throws MusterError INVENTORY when there is none, when others than the caller can write one that was found, or with
 * errors in it and no `--keep-going`
 */
export async function openInventory(options: CommonOptions, cli: Cli): Promise<Inventory> {
  const named = options.inventory;
  const file = path.resolve(cli.cwd, named ?? (await findUpwards(cli.cwd)));
  const trust = new InventoryTrust(cli.env);
  await (named === undefined ? trust.require(file) : trust.accept(file));
  const inventory = await loadInventory(file, {
    sections,
    refuse: async (one, kind) => (one === file || kind === 'folder' ? undefined : trust.refusal(one)),
    signal: cli.interruption.signal,
    // What is named here may be a pipe; what it imports may not.
    readFile: async (one) =>
      one === file && named !== undefined
        ? (await readNamedFile(named, largestFile.inventory, cli)).toString('utf8')
        : trust.read(one),
  });
  const { problems } = inventory;
  const { colors } = cli.terminal.stderr;
  for (const problem of problems.slice(0, shownProblems))
    cli.terminal.note(formatProblem(problem, cli.cwd, colors));
  if (problems.length > shownProblems)
    cli.terminal.note(t('… and {0} more problems', problems.length - shownProblems));
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const isSound = inventory.hosts.size > 0 || inventory.section(clusterEntries).size > 0;
  if (errors === 0 || (options.keepGoing && isSound)) return inventory;
  throw new MusterError(
    'INVENTORY',
    errors === 1
      ? t('the inventory has an error, so nothing was run')
      : t('the inventory has {0} errors, so nothing was run', errors),
    {
      hint: isSound
        ? t('Mend it, or take what is sound with --keep-going.')
        : t('Mend it: there is nothing sound in it to go on with.'),
    },
  );
}

async function findUpwards(from: string): Promise<string> {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const file = path.join(folder, fileName);
    if (await isThere(file)) return file;
    if (folder === path.dirname(folder)) break;
  }
  throw new MusterError('INVENTORY', t('there is no muster.yaml here or in a folder above'), {
    hint: t('Name an inventory with --inventory FILE, or try `muster lab`.'),
  });
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
