import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { knownHostsPlace } from '../../../src/shell/editor/prompts/knownHostsPlace';

const placeIn = (message: string, ...causes: string[]) => knownHostsPlace({ message, causes });

describe('The known_hosts entry of a mismatch', () => {
  it('is found behind a fingerprint that has slashes itself', () => {
    const message =
      'the host key has changed: the server presents ssh-ed25519 SHA256:ab/cd+e, /home/me/my keys/known_hosts:12 has ssh-ed25519 SHA256:x/y';
    expect(placeIn(message)).toEqual({ file: '/home/me/my keys/known_hosts', line: 12 });
  });

  it('is found in a cause, below the home folder and on Windows', () => {
    expect(placeIn('no', 'revoked by ~/.ssh/known_hosts:3')).toEqual({
      file: `${homedir()}/.ssh/known_hosts`,
      line: 3,
    });
    expect(placeIn('revoked by C:\\ssh\\known_hosts:7')).toEqual({ file: 'C:\\ssh\\known_hosts', line: 7 });
  });

  it('is not made up', () => {
    expect(placeIn('the host key SHA256:ab/cd:12 changed')).toBeUndefined();
  });
});
