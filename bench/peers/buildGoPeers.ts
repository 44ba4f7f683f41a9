import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';

/** The program built of peers/go, and whether etcd's client is in it. */
export interface GoPeers {
  file: string;
  hasEtcd: boolean;
}

/**
 * Builds the Go peers with the modules that go.sum pins, else with Debian's libraries, among which is no client of etcd
 * that Go's modules know; undefined with a word to `log` where neither works.
 */
export async function buildGoPeers(
  go: string | undefined,
  directory: string,
  log: (line: string) => void,
): Promise<GoPeers | undefined> {
  if (!go) return undefined;
  const file = join(directory, 'peers');
  const ways = [
    { hasEtcd: true, env: { GOTOOLCHAIN: 'local' } },
    {
      hasEtcd: false,
      env: { GOTOOLCHAIN: 'local', GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' },
    },
  ];
  for (const { hasEtcd, env } of ways) {
    try {
      await promisify(execFile)(go, ['build', ...(hasEtcd ? ['-tags', 'etcd'] : []), '-o', file, '.'], {
        cwd: 'bench/peers/go',
        env: { ...process.env, ...env },
      });
      return { file, hasEtcd };
    } catch (error) {
      log(`go build: ${(error as Error).message}`);
    }
  }
  return undefined;
}

/** Builds peers/request as one static file without symbols; it needs Go's own packages only. */
export async function buildGoRequest(go: string, directory: string): Promise<string> {
  const file = join(directory, 'request');
  await promisify(execFile)(go, ['build', '-ldflags', '-s -w', '-o', file, 'request.go'], {
    cwd: 'bench/peers/request',
    env: { ...process.env, CGO_ENABLED: '0', GO111MODULE: 'off', GOTOOLCHAIN: 'local', GOFLAGS: '' },
  });
  return file;
}
