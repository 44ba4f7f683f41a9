import * as inventories from '../../src/platform/inventory/loadInventory';
import type { Inventory } from '../../src/platform/inventory/model';
import { sections } from '../../src/engine/sections';

/** What a text means with the sections of all features. */
export function parseInventory(text: string, file: string): Inventory {
  return inventories.parseInventory(text, file, sections);
}

/** Loads a file as the product does, with the sections of all features. */
export function loadInventory(
  file: string,
  options: Omit<inventories.LoadOptions, 'sections'> = {},
): Promise<Inventory> {
  return inventories.loadInventory(file, { sections, ...options });
}
