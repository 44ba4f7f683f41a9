import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const execute = promisify(execFile);

let folder: string;
const binary = (platform: string) => join(folder, `muster-${platform}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-platforms-'));
  await execute(process.execPath, ['scripts/packageBinary.mjs', '--target', 'all', '--out', folder]);
});
afterAll(() => rm(folder, { recursive: true }));

describe('the single executables of other platforms', () => {
  it('run on arm64, as an emulator has it', async () => {
    const program = ['-L', '/usr/aarch64-linux-gnu', binary('linux-arm64'), '--version', '--json'];
    const { stdout } = await execute('qemu-aarch64-static', program);
    expect(JSON.parse(stdout)).toMatchObject({ format: 'binary', arch: 'arm64' });
  });

  // Debian’s musl is too old for the libraries that Alpine has beside its own.
  it.each(['linux-x64-musl', 'linux-arm64-musl'])(
    'ask for the libraries of Alpine by their names, and for none in a folder: %s',
    async (platform) => {
      const { stdout } = await execute('readelf', ['--dynamic', '--wide', binary(platform)]);
      const named = [...stdout.matchAll(/(NEEDED|PATH).*\[(.*)\]/g)].map(([, kind, name]) => [kind, name]);
      expect(named.filter(([, name]) => name !== '')).toEqual([
        ['NEEDED', 'libstdc++.so.6'],
        ['NEEDED', 'libgcc_s.so.1'],
        ['NEEDED', expect.stringMatching(/^libc\.musl-\w+\.so\.1$/)],
      ]);
    },
  );
});
