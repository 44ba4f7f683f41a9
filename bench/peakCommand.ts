import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Sample } from './measure';

// Node.js does not tell what its children took at most, Python does.
const script = `
import json, resource, subprocess, sys, time
begin = time.monotonic()
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
wall = time.monotonic() - begin
if done.returncode: sys.exit(done.stderr.decode())
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([wall, used.ru_utime + used.ru_stime, used.ru_maxrss]))
`;

/** Runs a program to its end; `memoryMb` is what the largest of its processes had in memory at most. */
export async function peakCommand(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Sample> {
  const { stdout } = await promisify(execFile)('python3', ['-c', script, ...command], {
    env: { ...process.env, ...env },
    timeout: 300_000,
  });
  const [wall, cpu, kib] = JSON.parse(stdout) as [number, number, number];
  return { wallMs: wall * 1000, cpuMs: cpu * 1000, memoryMb: (kib * 1024) / 1e6, ok: 1 };
}
