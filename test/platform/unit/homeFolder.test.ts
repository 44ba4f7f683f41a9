import { userInfo } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { homeFolder } from '../../../src/platform/files/homeFolder';

afterEach(() => vi.unstubAllEnvs());

describe('the user’s own folder', () => {
  it('is the one that HOME names', () => {
    vi.stubEnv('HOME', '/somewhere');
    expect(homeFolder()).toBe('/somewhere');
  });

  // What lies in a project must not be taken for the user's own.
  it.each(['', '.', 'project'])('is that of the account where HOME is “%s”', (home) => {
    vi.stubEnv('HOME', home);
    expect(homeFolder()).toBe(userInfo().homedir);
  });
});
