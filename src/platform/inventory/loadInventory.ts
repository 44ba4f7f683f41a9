import { assembleInventory, assembling } from './assembleInventory';
import type { Inventory } from './model';
import { readingMusterFile } from './musterFile';
import type { Sections } from './section';
import { type FileFragments, FileSource, type LoadOptions } from './sources/fileSource';
import { finish, finishBreathing } from './steps';
import { parseYaml } from './yaml/yamlSource';

export type { LoadOptions };

/** An inventory as its files have it, and what it was made of. */
export interface LoadedFiles {
  readonly fragments: FileFragments;
  /** Its sources have not answered yet. */
  readonly inventory: Inventory;
}

/**
 * Loads a `muster.yaml` and what it imports. Faults in the content are `problems` of the inventory.
 * @throws MusterError INVENTORY when `file` itself cannot be read, CANCELLED
 */
export async function loadFiles(file: string, options: LoadOptions): Promise<LoadedFiles> {
  const fragments = (await new FileSource(file, options).load(options.signal)).fragments();
  return { fragments, inventory: await finishBreathing(assembling(fragments, options.sections)) };
}

/** The same, for those who need no hosts of sources. @throws MusterError INVENTORY, CANCELLED */
export async function loadInventory(file: string, options: LoadOptions): Promise<Inventory> {
  return (await loadFiles(file, options)).inventory;
}

/** What the text alone comes to: imports are not followed. */
export function parseInventory(text: string, file: string, sections: Sections): Inventory {
  return assembleInventory([finish(readingMusterFile(parseYaml(text, file), sections))], sections);
}
