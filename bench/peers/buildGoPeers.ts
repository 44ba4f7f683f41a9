import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';

/**
 * Builds the Go peers with the modules that go.sum pins, else with Debian's libraries, and gives the path of the
 * program, or undefined with a word to `log`.
 */
export async function buildGoPeers(
  go: string | undefined,
  directory: string,
  log: (line: string) => void,
): Promise<string | undefined> {
  if (!go) return undefined;
  const outfile = join(directory, 'peers');
  const environments = [
    { GOTOOLCHAIN: 'local' },
    { GOTOOLCHAIN: 'local', GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' },
  ];
  for (const env of environments) {
    try {
      await promisify(execFile)(go, ['build', '-o', outfile, '.'], {
        cwd: 'bench/peers/go',
        env: { ...process.env, ...env },
      });
      return outfile;
    } catch (error) {
      log(`go build: ${(error as Error).message}`);
    }
  }
  return undefined;
}
