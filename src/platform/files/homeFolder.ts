// eslint-disable-next-line no-restricted-syntax -- the one place where it is not taken as it is
import { homedir, userInfo } from 'node:os';
import path from 'node:path';

/**
 * The user's own folder. An empty or relative `HOME`, as in a container or a unit of systemd, would make the folder in which a
 * command is started the user's: a project's `.ssh` would be trusted as their own. The account's folder stands in for it.
 */
export function homeFolder(): string {
  const named = homedir();
  return path.isAbsolute(named) ? named : userInfo().homedir;
}
