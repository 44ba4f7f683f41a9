import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '../../../platform/errors/errors';
import { cancelledBy } from '../../../platform/batch/deadline';
import { BrokenFolder } from './brokenFolder';
import { buildFleet, type Fleet } from './buildFleet';
import { defaultHosts, maximumHosts, minimumHosts, type PlacedHost } from './fleetPlan';
import { inBatches } from './settle';
import { labEntries, makeLabDirectory } from './labDirectory';
import { requireSshd } from './sshdService';
import { Watchdog } from './watchdog';
import {
  inventoryText,
  knownHostsText,
  readmeText,
  certificateWarnDays,
  diskWarnPercent,
} from './workspaceText';
import type { CheckStatus } from '../../checks/core/probe';
import type { RunningHost } from './runningHost';

export interface LabOptions {
  /** 3 to 5000; 12 by default. */
  hosts?: number;
  /** An empty or new folder; by default a temporary one. What the lab writes there goes when it stops. */
  directory?: string;
  /** Put all hosts on 127.0.0.1, as is done anyway where there is no other loopback address (macOS). */
  oneAddress?: boolean;
  /** Run the machine's own OpenSSH daemon for every host (Linux). */
  sshd?: boolean;
  /** Stops the lab, also while it is still starting. */
  signal?: AbortSignal;
}

/** A fleet on loopback. */
export interface Lab {
  readonly directory: string;
  /** The lab's `muster.yaml`. */
  readonly inventoryFile: string;
  readonly hosts: readonly PlacedHost[];
  /** What the next check of everything finds not healthy while no host is broken. */
  readonly sick: readonly Verdict[];
  /** Takes a host down: nothing listens, connections drop, its commands are killed. */
  breakHost(name: string): Promise<void>;
  mendHost(name: string): Promise<void>;
  /** Ends everything that the lab has started and removes what it has written; more calls do no more. */
  stop(): Promise<void>;
}

/** Hosts that open at a time: a daemon takes 20 ms of CPU to start. */
const batchSize = 16;

/** @throws MusterError USAGE for options that cannot be met, CANCELLED when the signal is aborted */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { hosts: count = defaultHosts, sshd = false, oneAddress = false, signal } = options;
  if (!Number.isInteger(count) || count < minimumHosts || count > maximumHosts) {
    throw new MusterError('USAGE', `a lab has ${minimumHosts} to ${maximumHosts} hosts, not ${count}`);
  }
  if (process.platform === 'win32') {
    throw new MusterError('USAGE', 'the lab needs a POSIX system', { hint: 'Start it inside WSL.' });
  }
  if (sshd) await requireSshd();
  throwIfAborted(signal);

  const { path: directory, pathsToRemove } = await makeLabDirectory(options.directory);
  const watchdog = await Watchdog.start(directory, pathsToRemove);
  let fleet: Fleet | undefined;
  let broken: BrokenFolder | undefined;
  let stopped: Promise<void> | undefined;
  // Who calls stop() hears of a failure.
  const onAbort = (): void => void stop().catch(() => {});
  const stop = (): Promise<void> => (stopped ??= stopAll());
  const stopAll = async (): Promise<void> => {
    signal?.removeEventListener('abort', onAbort);
    try {
      await broken?.stop();
      await inBatches(fleet?.hosts ?? [], batchSize, (host) => host.close());
    } finally {
      await watchdog.stop();
    }
  };

  try {
    fleet = await buildFleet(count, { directory, oneAddress, sshd, watchdog });
    await inBatches(fleet.hosts, batchSize, (host) => {
      throwIfAborted(signal);
      return host.open();
    });
    const hosts = new Map(fleet.hosts.map((host) => [host.plan.name, host]));
    const placed = fleet.hosts.map((host) => host.placed);
    await writeWorkspace(directory, placed, fleet);
    broken = new BrokenFolder(
      join(directory, labEntries.broken),
      new Set(hosts.keys()),
      async (name, isBroken) => {
        const host = hosts.get(name);
        await (isBroken ? host?.close() : host?.open());
      },
    );
    throwIfAborted(signal);
    signal?.addEventListener('abort', onAbort, { once: true });

    const control = broken;
    return {
      directory,
      inventoryFile: join(directory, labEntries.inventory),
      hosts: placed,
      get sick() {
        return [...hosts.values()].flatMap(sickVerdicts);
      },
      breakHost: (name) => control.breakHost(name),
      mendHost: (name) => control.mendHost(name),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function writeWorkspace(directory: string, hosts: readonly PlacedHost[], fleet: Fleet): Promise<void> {
  const write = (entry: keyof typeof labEntries, text: string): Promise<void> =>
    writeFile(join(directory, labEntries[entry]), text, { mode: 0o600 });
  await Promise.all([
    write('inventory', inventoryText(hosts, fleet.user)),
    write('knownHosts', knownHostsText(hosts, fleet.publicKeys)),
    write('readme', readmeText()),
  ]);
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelledBy(signal);
}

/** A result of `muster check`. */
interface Verdict {
  host: string;
  check: string;
  status: CheckStatus;
}

/** What the checks of the lab's inventory find on a host that is not broken, as far as it is not healthy. */
function sickVerdicts({ plan, web }: RunningHost): Verdict[] {
  const verdict = (check: string, status: CheckStatus): Verdict => ({ host: plan.name, check, status });
  const { certificateDays = Infinity, diskPercent } = plan;
  return [
    ...(web && !web.nextHealthy() ? [verdict('health', 'unhealthy')] : []),
    ...(certificateDays < certificateWarnDays ? [verdict('certificate', 'degraded')] : []),
    ...(diskPercent >= diskWarnPercent ? [verdict('disk', 'degraded')] : []),
  ];
}
