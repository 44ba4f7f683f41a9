import { askSources } from '../core/discovery/askSources';
import { EtcdClusters } from '../core/etcd/etcdClusters';
import type { LoadedFiles } from '../core/inventory/loadInventory';
import type { Inventory } from '../core/inventory/model';
import { sections } from '../core/sections';
import { createTransport } from '../core/transport/createTransport';
import type { Cli } from './cli';
import { sshConfigReader } from './inventoryTrust';
import type { BatchOptions } from './options';
import { ownKnownHostsFile } from './ownKnownHosts';
import { terminalAuthority } from './terminalAuthority';
import { terminalLogger } from './terminalLogger';

/** Asks the sources of an inventory once; what was opened for it is closed. @throws MusterError CANCELLED */
export async function discoverHosts(files: LoadedFiles, options: BatchOptions, cli: Cli): Promise<Inventory> {
  const { terminal, interruption, env } = cli;
  const { inventory } = files;
  const logger = terminalLogger(terminal, options.verbose ?? false);
  const authority = terminalAuthority(terminal, interruption, options.acceptNew ?? false);
  const transport = createTransport({
    ...{ logger, authority, knownHostsFile: ownKnownHostsFile(env) },
    readSshConfig: sshConfigReader(inventory.file, env),
    inventoryFile: () => inventory.file,
    inventoryHost: (name) => inventory.hosts.get(name),
    defaultSsh: () => inventory.defaultSsh,
  });
  const clusters = new EtcdClusters({ inventory: () => inventory, transport, authority, logger });
  try {
    return await askSources(files, sections, { clusters }, interruption.signal);
  } finally {
    await clusters.dispose();
    await transport.dispose();
  }
}
