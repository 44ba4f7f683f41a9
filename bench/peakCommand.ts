import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Sample } from './measure';

// Node.js does not tell what its children took at most, Python does; a `python3` that looks for another has had children.
const script = `
import json, resource, subprocess, sys, time
used = lambda: resource.getrusage(resource.RUSAGE_CHILDREN)
cpu = lambda: used().ru_utime + used().ru_stime
before, begin = cpu(), time.monotonic()
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
wall = time.monotonic() - begin
if done.returncode: sys.exit(done.stderr.decode())
print(json.dumps([wall, cpu() - before, used().ru_maxrss]))
`;

/**
 * Runs a program to its end; `memoryMb` is what the largest of its processes had in memory at most, or the 10 MB that Python has.
 */
export async function peakCommand(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Sample> {
  const { stdout } = await promisify(execFile)('python3', ['-c', script, ...command], {
    env: { ...process.env, ...env },
    timeout: 300_000,
  });
  const [wall, cpu, kib] = JSON.parse(stdout) as [number, number, number];
  return { wallMs: wall * 1000, cpuMs: cpu * 1000, memoryMb: (kib * 1024) / 1e6, ok: 1 };
}

/** The same for programs that take less than that: GNU time is small. @returns millions of bytes */
export async function peakMemoryMb(
  time: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<number> {
  const { stderr } = await promisify(execFile)(time, ['--quiet', '--format', '%M', ...command], {
    env: { ...process.env, ...env },
    timeout: 300_000,
  });
  return (Number(stderr.trim().split('\n').at(-1)) * 1024) / 1e6;
}
