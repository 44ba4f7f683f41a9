import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Sample } from './measure';

// Node.js does not tell the CPU time of a child's children, bash does.
const script = `TIMEFORMAT='%3R %3U %3S'; time "$@" </dev/null >"$0/stdout" 2>"$0/stderr"`;

/**
 * Runs a program to its end and takes its time, that of its children included.
 * `succeeded` counts the targets that were good; by default a failure throws.
 */
export async function timedCommand(
  directory: string,
  [file, ...args]: readonly [string, ...string[]],
  succeeded: number | ((stdout: string) => number),
  env: NodeJS.ProcessEnv = {},
): Promise<Sample> {
  const output = (name: string) => readFile(join(directory, name), 'utf8');
  try {
    const { stderr } = await promisify(execFile)('bash', ['-c', script, directory, file, ...args], {
      env: { ...process.env, ...env },
      timeout: 300_000,
    });
    const [real, user, system] = stderr.trim().split(' ').map(Number) as [number, number, number];
    return {
      wallMs: real * 1000,
      cpuMs: (user + system) * 1000,
      ok: typeof succeeded === 'number' ? succeeded : succeeded(await output('stdout')),
    };
  } catch (cause) {
    const said = `${await output('stdout')}\n${await output('stderr')}`.trim().slice(-2000);
    throw new Error(`${file} ${args.join(' ').slice(0, 200)} failed:\n${said}`, { cause });
  }
}
