import { type Core, type CoreOptions, createCore } from '../../../engine/createCore';
import type { Authority } from '../../../platform/host/host';
import type { Inventory } from '../../../platform/inventory/model';
import type { Cli } from '../cli';
import { sshConfigReader } from './inventoryTrust';
import type { BatchOptions } from '../options';
import { ownKnownHostsFile } from '../terminal/ownKnownHosts';
import { terminalLogger } from '../terminal/terminalLogger';

/** What differs between commands. */
interface CommandNeeds extends Pick<CoreOptions, 'parent' | 'maxConnections' | 'etcd' | 'sshThreads'> {
  /** Answers in place of the person at the terminal. */
  authority?: (person: Authority) => Authority;
}

/** The engine of a command, which disposes it: all commands that reach hosts or clusters get theirs here. */
export function openCore(
  inventory: Inventory,
  { acceptNew = false, verbose = false }: Pick<BatchOptions, 'acceptNew' | 'verbose'>,
  { terminal, env, person }: Cli,
  { authority = (asked) => asked, ...needs }: CommandNeeds,
): Core {
  const core = createCore({
    ...needs,
    logger: terminalLogger(terminal, verbose),
    authority: authority(person(acceptNew)),
    knownHostsFile: ownKnownHostsFile(env),
    readSshConfig: sshConfigReader(inventory.file, env),
  });
  core.inventory = inventory;
  return core;
}
