import path from 'node:path';
import { homeFolder } from '../../../files/homeFolder';
import { addressSpellings } from '../config/addressSpellings';
import { knownHostsName } from './knownHosts';
import type { TrustSource } from './knownHostsStore';
import type { SshTarget } from '../pool/sshTarget';

/** Folders that are the user's or the machine's, whoever names a file in them. */
const ownFolders = [path.join(homeFolder(), '.ssh'), '/etc/ssh'];

/** The name that the host's key is remembered under. */
export function knownName({ address, port, hostKeyAlias }: SshTarget): string {
  // HostKeyAlias stands for the host on any port.
  return knownHostsName(hostKeyAlias ?? address, hostKeyAlias === undefined ? port : 22);
}

/**
 * Who is asked about a host's key, those whose word counts most first: the user's known_hosts files, what the user
 * was asked by Muster, and at last what the inventory brings along.
 * @param projectFile Muster's own file for the inventory
 */
export function trustSources(
  target: SshTarget,
  ownFile: string,
  projectFile: string | undefined,
): TrustSource[] {
  const { own, named = [], isAliasOfProject } = target.knownHosts;
  const isOwn = (file: string) => ownFolders.some((folder) => file.startsWith(folder + path.sep));
  const byAlias = namesOf(target);
  // The user knows the machine by its address: under an alias of the project's it would be one that nobody knows.
  const byUser = isAliasOfProject ? namesOf({ ...target, hostKeyAlias: undefined }) : byAlias;
  return [
    { files: own, ...byUser, vouchedBy: 'user' },
    { files: named.filter(isOwn), ...byUser, vouchedBy: 'user' },
    { files: [ownFile], ...byUser, vouchedBy: 'user' },
    { files: projectFile === undefined ? [] : [projectFile], ...byAlias, vouchedBy: 'user' },
    ...(isAliasOfProject ? [{ files: [...own, ownFile], ...byAlias, vouchedBy: 'project' as const }] : []),
    { files: named.filter((file) => !isOwn(file)), ...byAlias, vouchedBy: 'project' },
  ];
}

function namesOf({
  address,
  port,
  hostKeyAlias,
}: Pick<SshTarget, 'address' | 'port' | 'hostKeyAlias'>): Pick<TrustSource, 'names' | 'namesWithoutPort'> {
  if (hostKeyAlias !== undefined) return { names: [knownHostsName(hostKeyAlias, 22)], namesWithoutPort: [] };
  const spellings = addressSpellings(address);
  return {
    names: spellings.map((spelling) => knownHostsName(spelling, port)),
    namesWithoutPort: port === 22 ? [] : spellings.map((spelling) => knownHostsName(spelling, 22)),
  };
}
