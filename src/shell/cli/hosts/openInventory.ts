import { access } from 'node:fs/promises';
import path from 'node:path';
import { MusterError } from '../../../platform/errors/errors';
import { clusterEntries } from '../../../features/etcd/core/section/clusterEntry';
import { largestFile } from '../../../platform/files/regularFile';
import { discoveries } from '../../../features/discovery/core/discovery';
import { type LoadedFiles, loadFiles } from '../../../platform/inventory/loadInventory';
import type { Inventory } from '../../../platform/inventory/model';
import { sections } from '../../../engine/sections';
import type { Cli } from '../cli';
import { InventoryTrust } from './inventoryTrust';
import { t } from '../l10n';
import { readNamedFile } from '../namedFile';
import type { BatchOptions, CommonOptions } from '../options';
import { formatProblem } from '../output/problemText';

const fileName = 'muster.yaml';
/** More problems than this are counted, not shown. */
const shownProblems = 100;

/**
 * The inventory that `--inventory` names or that is found upwards, for commands that need no hosts of sources: these are
 * not asked. Shows its problems.
 * @throws MusterError INVENTORY when there is none, when others than the caller can write one that was found, or with
 * errors in it and no `--keep-going`
 */
export async function openInventory(options: CommonOptions, cli: Cli): Promise<Inventory> {
  const { inventory } = await loadNamed(options, cli);
  showProblems(inventory, cli);
  requireSound(inventory, options);
  return inventory;
}

/**
 * The same with the hosts that its sources find. That one does not answer is a problem: commands go on with the others,
 * and a selector that names unknown hosts is an error that says why.
 * @throws MusterError as `openInventory`, CANCELLED
 */
export async function openHosts(options: BatchOptions, cli: Cli): Promise<Inventory> {
  const files = await loadNamed(options, cli);
  const { section, problems } = files.inventory;
  const isFit = options.keepGoing || !problems.some(({ severity }) => severity === 'error');
  const inventory =
    section(discoveries).size > 0 && isFit
      ? await (await import('./discoverHosts')).discoverHosts(files, options, cli)
      : files.inventory;
  showProblems(inventory, cli);
  requireSound(inventory, options);
  return inventory;
}

/**
 * What the files say, whatever is wrong in them: sources are not asked, problems are not shown, and no pipe is waited for.
 * @throws MusterError INVENTORY, UNTRUSTED
 */
export async function readFilesOnly(options: CommonOptions, cli: Cli): Promise<Inventory> {
  return (await loadNamed(options, cli, false)).inventory;
}

async function loadNamed(options: CommonOptions, cli: Cli, fromPipe = true): Promise<LoadedFiles> {
  const named = options.inventory;
  const file = path.resolve(cli.cwd, named ?? (await findUpwards(cli.cwd)));
  const trust = new InventoryTrust(cli.env);
  await (named === undefined ? trust.require(file) : trust.accept(file));
  return loadFiles(file, {
    sections,
    refuse: async (one, kind) => (one === file || kind === 'folder' ? undefined : trust.refusal(one)),
    signal: cli.interruption.signal,
    // What is named here may be a pipe; what it imports may not.
    readFile: async (one) =>
      one === file && named !== undefined && fromPipe
        ? (await readNamedFile(named, largestFile.inventory, cli)).toString('utf8')
        : trust.read(one),
  });
}

function showProblems({ problems }: Inventory, { terminal, cwd }: Cli): void {
  const { colors } = terminal.stderr;
  for (const problem of problems.slice(0, shownProblems)) terminal.note(formatProblem(problem, cwd, colors));
  if (problems.length > shownProblems)
    terminal.note(t('… and {0} more problems', problems.length - shownProblems));
}

/** @throws MusterError INVENTORY */
function requireSound({ problems, hosts, section }: Inventory, { keepGoing }: CommonOptions): void {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const isSound = hosts.size > 0 || section(clusterEntries).size > 0;
  if (errors === 0 || (keepGoing && isSound)) return;
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
