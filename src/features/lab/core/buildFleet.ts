import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import { createAuthority, issueServerCertificate, type Certificate } from './certificates';
import { planFleet, serviceNames, type HostPlan, type ServiceName } from './fleetPlan';
import { createHostShell, writePrograms } from './hostFolder';
import { generateEd25519 } from './hostKeys';
import { inBatches } from './settle';
import { labEntries } from './labDirectory';
import { freePort, loopbackAddresses } from './loopbackAddresses';
import { LoopbackService, type LabService } from './loopbackService';
import { RunningHost } from './runningHost';
import { createSshServer } from './sshServer';
import { SshdService } from './sshdService';
import type { Watchdog } from './watchdog';
import { makeFolder } from '../../../platform/files/makeFolder';

export interface Fleet {
  /** None is open yet. */
  hosts: RunningHost[];
  /** The hosts' keys by host name, one line each. */
  publicKeys: ReadonlyMap<string, string>;
  /** Whom the hosts let in. */
  user: string;
}

/** Keys and folders in the making at a time. */
const batchSize = 64;

/** The name by which the in-process servers know their user; sshd only knows those of the machine. */
const inProcessUser = 'ops';

interface FleetParts {
  directory: string;
  user: string;
  clientKey: ParsedKey;
  authority: Certificate;
  forwardAddresses: ReadonlySet<string>;
  preferredPorts: Record<ServiceName, number>;
  sshd: boolean;
  watchdog: Watchdog;
}

/** Makes `count` hosts with their keys, certificates and folders below `directory`. */
export async function buildFleet(
  count: number,
  { oneAddress, ...given }: Pick<FleetParts, 'directory' | 'sshd' | 'watchdog'> & { oneAddress: boolean },
): Promise<Fleet> {
  const { directory, sshd } = given;
  const inLab = (entry: keyof typeof labEntries): string => join(directory, labEntries[entry]);
  const user = sshd ? userInfo().username : inProcessUser;
  const addresses = await loopbackAddresses(count, oneAddress);
  const client = await generateEd25519(`${user}@muster-lab`);
  const authority = await createAuthority();
  await mkdir(inLab('keys'), { mode: 0o700 });
  await Promise.all([
    writeFile(inLab('identity'), client.privateKey, { mode: 0o600 }),
    writeFile(inLab('publicKey'), `${client.publicKey}\n`, { mode: 0o600 }),
    writeFile(inLab('authority'), authority.cert),
    writePrograms(inLab('programs')),
    mkdir(inLab('broken')),
  ]);
  const parts: FleetParts = {
    ...given,
    user,
    clientKey: ssh2.utils.parseKey(client.publicKey) as ParsedKey,
    authority,
    forwardAddresses: new Set(addresses),
    preferredPorts: await choosePorts(addresses[0] as string),
  };

  const publicKeys = new Map<string, string>();
  const placed = planFleet(count).map((plan, index) => ({ plan, address: addresses[index] as string }));
  const hosts = await inBatches(placed, batchSize, async ({ plan, address }) => {
    const key = await generateEd25519(plan.name);
    publicKeys.set(plan.name, key.publicKey);
    const certificateDays = plan.certificateDays;
    return new RunningHost(plan, address, {
      ssh: await buildSsh(plan, address, key.privateKey, parts),
      certificate:
        certificateDays === undefined
          ? undefined
          : await issueServerCertificate(authority, { name: plan.name, address, certificateDays }),
      preferredPorts: parts.preferredPorts,
    });
  });
  return { hosts, publicKeys, user };
}

async function choosePorts(address: string): Promise<Record<ServiceName, number>> {
  const ports = await Promise.all(serviceNames.map(async (name) => [name, await freePort(address)] as const));
  return Object.fromEntries(ports) as Record<ServiceName, number>;
}

async function buildSsh(
  plan: HostPlan,
  address: string,
  hostKey: string,
  { directory, user, clientKey, forwardAddresses, preferredPorts, sshd, watchdog }: FleetParts,
): Promise<LabService> {
  const shell = await createHostShell(plan, {
    directory,
    programs: join(directory, labEntries.programs),
    user,
  });
  if (!sshd) {
    const server = createSshServer({ hostKey, user, clientKey, shell, watchdog, forwardAddresses });
    return new LoopbackService(server, address, preferredPorts.ssh);
  }
  const daemonDirectory = join(directory, labEntries.sshd, plan.name);
  const hostKeyFile = join(daemonDirectory, 'ssh_host_ed25519_key');
  await makeFolder(daemonDirectory);
  await writeFile(hostKeyFile, hostKey, { mode: 0o600 });
  return new SshdService({
    address,
    preferredPort: preferredPorts.ssh,
    directory: daemonDirectory,
    hostKeyFile,
    authorizedKeysFile: join(directory, labEntries.publicKey),
    shell,
    mark: `HOME=${shell.directory}`,
    forwardAddresses,
  });
}
