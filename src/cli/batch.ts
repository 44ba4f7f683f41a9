import { setMaxListeners } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Core, createCore } from '../core/createCore';
import { parseShare, type Share } from '../core/fanOut';
import { silentLogger } from '../core/host';
import { parseDuration } from '../core/inventory/duration';
import type { Inventory } from '../core/inventory/model';
import { exitStatus } from './exitStatus';
import type { BatchFlags } from './flags';
import { TerminalAuthority } from './terminalAuthority';
import { usageError } from './usageError';

/** What the options of a batch come to. */
export interface BatchSettings {
  concurrency: number;
  timeoutMs?: number;
  maxFailures?: Share;
  serial?: readonly Share[];
}

/** @throws MusterError INVENTORY for an option that cannot be read */
export function batchSettings(flags: BatchFlags, inventory: Inventory): BatchSettings {
  if (flags.failFast && flags.maxFailures !== undefined) {
    throw usageError('--fail-fast and --max-failures exclude each other');
  }
  return {
    concurrency: flags.concurrency ?? inventory.concurrency,
    timeoutMs: flags.timeout === undefined ? undefined : duration(flags.timeout),
    maxFailures: flags.failFast
      ? { count: 0 }
      : flags.maxFailures === undefined
        ? undefined
        : parseShare(flags.maxFailures, '--max-failures'),
    serial: flags.serial?.split(',').map((size) => parseShare(size, '--serial')),
  };
}

function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw usageError(`--timeout: ${(error as Error).message}`);
  }
}

/**
 * Runs `work` with an engine whose sockets are closed after it, and a signal that the first Ctrl-C or TERM aborts;
 * the second one ends the program at once. Sets the exit status, that of an interruption before that of `work`.
 */
export async function withEngine(
  inventory: Inventory,
  flags: BatchFlags,
  settings: BatchSettings,
  work: (core: Core, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  const cancel = new AbortController();
  setMaxListeners(0, cancel.signal);
  let interruption: number | undefined;
  const interrupt = (status: number) => () => {
    if (interruption !== undefined) process.exit(status);
    interruption = status;
    cancel.abort();
  };
  const onInterrupt = interrupt(exitStatus.interrupted);
  const onTerminate = interrupt(exitStatus.terminated);
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);

  const core = createCore({
    logger: silentLogger,
    authority: new TerminalAuthority(flags.acceptNew ?? false, onInterrupt),
    knownHostsFile: knownHostsFile(),
    maxConnections: settings.concurrency,
  });
  core.inventory = inventory;
  try {
    const status = await work(core, cancel.signal);
    process.exitCode = interruption ?? status;
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
    await core.dispose();
  }
}

/** Where host keys are remembered that `--accept-new` took: state of this machine, per the XDG base directories. */
function knownHostsFile(): string {
  const { MUSTER_KNOWN_HOSTS, XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  if (MUSTER_KNOWN_HOSTS) return MUSTER_KNOWN_HOSTS;
  const state = XDG_STATE_HOME || LOCALAPPDATA || join(homedir(), '.local', 'state');
  return join(state, 'muster', 'known_hosts');
}
