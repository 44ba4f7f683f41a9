import path from 'node:path';
import { homeFolder } from '../../../platform/files/homeFolder';

/** Where the CLI remembers host keys: `$MUSTER_KNOWN_HOSTS`, else a file in the user's state folder. */
export function ownKnownHostsFile(env: NodeJS.ProcessEnv, platform = process.platform): string {
  if (env.MUSTER_KNOWN_HOSTS) return path.resolve(env.MUSTER_KNOWN_HOSTS);
  return path.join(ownFolder(env, platform), 'known_hosts');
}

/** Where the CLI keeps what it has learned, in the user's state folder. */
export function ownFolder(env: NodeJS.ProcessEnv, platform = process.platform): string {
  return path.join(stateFolder(env, platform), 'muster');
}

/** By the XDG base directory specification, which has relative paths ignored. */
function stateFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') return env.LOCALAPPDATA ?? path.join(homeFolder(), 'AppData', 'Local');
  const { XDG_STATE_HOME: state } = env;
  return state && path.isAbsolute(state) ? state : path.join(homeFolder(), '.local', 'state');
}
