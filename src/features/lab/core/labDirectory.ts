import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeFolder } from '../../../platform/files/makeFolder';
import { MusterError } from '../../../platform/errors/errors';

/** What a lab writes into its folder. */
export const labEntries = {
  inventory: 'muster.yaml',
  readme: 'README.md',
  keys: 'keys',
  knownHosts: 'keys/known_hosts',
  identity: 'keys/id_ed25519',
  publicKey: 'keys/id_ed25519.pub',
  authority: 'keys/ca.pem',
  broken: 'broken',
  hosts: 'hosts',
  programs: 'bin',
  sshd: 'sshd',
} as const;

export interface LabDirectory {
  path: string;
  /** What to remove so that nothing is left: what has been made here, and no more. */
  pathsToRemove: readonly string[];
}

/** Makes the lab's folder, mode 0700. @throws MusterError USAGE when `wanted` holds something already */
export async function makeLabDirectory(wanted: string | undefined): Promise<LabDirectory> {
  if (wanted === undefined) {
    const path = await mkdtemp(join(tmpdir(), 'muster-lab-'));
    return { path, pathsToRemove: [path] };
  }
  const path = resolve(wanted);
  const firstCreated = await makeFolder(path, 0o700);
  if (firstCreated !== undefined) return { path, pathsToRemove: [firstCreated] };
  if ((await readdir(path)).length > 0) {
    throw new MusterError('USAGE', `the lab's folder ${path} is not empty`, {
      hint: 'Name a folder that is empty or does not exist: the lab writes its own muster.yaml there.',
    });
  }
  return { path, pathsToRemove: Object.values(labEntries).map((entry) => join(path, entry)) };
}
