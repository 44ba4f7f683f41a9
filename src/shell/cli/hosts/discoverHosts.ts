import { askSources } from '../../../features/discovery/core/askSources';
import type { LoadedFiles } from '../../../platform/inventory/loadInventory';
import type { Inventory } from '../../../platform/inventory/model';
import { sections } from '../../../engine/sections';
import type { Cli } from '../cli';
import { openCore } from './openCore';
import type { BatchOptions } from '../options';

/** Asks the sources of an inventory once; what was opened for it is closed. @throws MusterError CANCELLED */
export async function discoverHosts(files: LoadedFiles, options: BatchOptions, cli: Cli): Promise<Inventory> {
  const core = openCore(files.inventory, options, cli, {});
  try {
    return await askSources(files, sections, { clusters: core.etcd }, cli.interruption.signal);
  } finally {
    await core.dispose();
  }
}
