import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The bundle of the source as it is now, made as the one that ships. */
    cli: string;
  }
}

/** Set-up of the projects that start `muster`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-bundle-'));
  // What commands keep of their runs is nobody's but the tests'. As on the machine of a user, each takes the compiled code
  // of the one before it.
  process.env.XDG_STATE_HOME = join(folder, 'state');
  process.env.XDG_CACHE_HOME = join(folder, 'cache');
  await promisify(execFile)(process.execPath, ['scripts/build.mjs', '--cli', folder]);
  project.provide('cli', join(folder, 'cli.js'));
  return () => rm(folder, { recursive: true });
}
