import path from 'node:path';
import { homeFolder } from '../../files/homeFolder';
import type { SshSettings } from '../model';

/** `~` and `~/…` as an absolute path, relative paths from the folder of `file`. */
export function resolvePath(target: string, file: string): string {
  if (target === '~' || /^~[\\/]/.test(target)) return path.join(homeFolder(), target.slice(1));
  return path.resolve(path.dirname(file), target);
}

/** Relative paths from the folder of `file`; `~` and OpenSSH's tokens (`%d`) stay for the SSH layer. */
export function withResolvedPaths(settings: SshSettings, file: string): SshSettings {
  const resolve = (paths: readonly string[]) =>
    paths.map((target) => (/^[~%]/.test(target) ? target : path.resolve(path.dirname(file), target)));
  return {
    ...settings,
    ...(settings.identityFile && { identityFile: resolve(settings.identityFile) }),
    ...(settings.certificateFile && { certificateFile: resolve(settings.certificateFile) }),
    ...(settings.knownHosts && { knownHosts: resolve(settings.knownHosts) }),
  };
}

/**
 * A host's settings over the defaults. Of the ways to reach it (jump, command) its own replaces the default one,
 * and a default jump chain ends before the host itself: a bastion does not jump through itself.
 */
export function mergeSsh(name: string, defaults: SshSettings, own: SshSettings): SshSettings {
  const { proxyJump, proxyCommand, ...rest } = defaults;
  const hasRoute = own.proxyJump !== undefined || own.proxyCommand !== undefined;
  const chain = chainBefore(name, proxyJump);
  return {
    ...rest,
    ...(!hasRoute && proxyCommand !== undefined && { proxyCommand }),
    ...(!hasRoute && chain !== undefined && { proxyJump: chain }),
    ...own,
  };
}

function chainBefore(name: string, chain: readonly string[] | undefined): readonly string[] | undefined {
  const index = chain?.indexOf(name) ?? -1;
  return index < 0 ? chain : chain?.slice(0, index);
}
