import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { loadInventory } from '../core/inventory/loadInventory';
import type { Inventory } from '../core/inventory/model';
import type { InventoryFlags } from './flags';
import { problemLines } from './output/problems';
import { usageError } from './usageError';

const fileNames = ['muster.yaml', 'muster.yml'];

/**
 * Reads the inventory and reports what is wrong with it on standard error.
 * @throws MusterError INVENTORY when there is none, or when it has errors and `--keep-going` was not given
 */
export async function openInventory({ inventory: file, keepGoing }: InventoryFlags): Promise<Inventory> {
  const inventory = await loadInventory(file ?? (await findInventory(process.cwd())));
  process.stderr.write(problemLines(inventory.problems));
  const errors = inventory.problems.filter(({ severity }) => severity === 'error').length;
  if (errors > 0 && (!keepGoing || inventory.hosts.size === 0)) {
    throw usageError(
      `the inventory has ${errors === 1 ? 'an error' : `${errors} errors`}; nothing was run`,
      inventory.hosts.size > 0 ? 'Mend it, or take what is sound of it with --keep-going.' : undefined,
    );
  }
  return inventory;
}

async function findInventory(start: string): Promise<string> {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    for (const name of fileNames) {
      const file = join(folder, name);
      if (await exists(file)) return file;
    }
    if (folder === dirname(folder)) break;
  }
  throw usageError(
    'there is no muster.yaml in this folder or above it',
    'Name one with --inventory FILE, or start a fleet to try Muster on with: muster lab',
  );
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
