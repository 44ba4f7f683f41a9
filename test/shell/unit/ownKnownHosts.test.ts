import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownKnownHostsFile } from '../../../src/shell/cli/terminal/ownKnownHosts';

describe('where the shell remembers host keys', () => {
  const usual = join(homedir(), '.local', 'state', 'muster', 'known_hosts');
  it.each([
    [{}, usual],
    [{ XDG_STATE_HOME: '/state' }, '/state/muster/known_hosts'],
    [{ XDG_STATE_HOME: 'relative' }, usual],
    [{ MUSTER_KNOWN_HOSTS: '/mine/hosts', XDG_STATE_HOME: '/state' }, '/mine/hosts'],
  ])('with %j is %s', (env, file) => {
    expect(ownKnownHostsFile(env, 'linux')).toBe(file);
  });

  it('on Windows is the folder of local application data', () => {
    expect(ownKnownHostsFile({ LOCALAPPDATA: '/local' }, 'win32')).toBe(
      join('/local', 'muster', 'known_hosts'),
    );
  });
});
