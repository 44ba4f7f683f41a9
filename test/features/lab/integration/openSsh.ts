import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Host, Inventory } from '../../../../src/platform/inventory/model';

export interface ProgramResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. */
export async function runProgram(file: string, args: readonly string[], input = ''): Promise<ProgramResult> {
  const child = spawn(file, args);
  const closed = once(child, 'close');
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await closed) as [number | null];
  return { code, stdout, stderr };
}

/** The real OpenSSH client, configured with what the lab's inventory says. */
export class OpenSsh implements AsyncDisposable {
  private constructor(
    private readonly directory: string,
    readonly configFile: string,
  ) {}

  static async for(inventory: Inventory): Promise<OpenSsh> {
    const directory = await mkdtemp(join(tmpdir(), 'muster-lab-test-'));
    const configFile = join(directory, 'config');
    await writeFile(configFile, [...inventory.hosts.values()].map(hostBlock).join(''));
    return new OpenSsh(directory, configFile);
  }

  /** Arguments of `ssh` for a host. */
  arguments(host: string, ...options: string[]): string[] {
    return ['-F', this.configFile, ...options, host];
  }

  run(host: string, command: string, { input = '', options = [] as string[] } = {}): Promise<ProgramResult> {
    return runProgram('ssh', [...this.arguments(host, ...options), command], input);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

function hostBlock({ name, address, ssh }: Host): string {
  return `Host ${name}
  HostName ${address}
  Port ${ssh.port}
  User ${ssh.user}
  IdentityFile "${ssh.identityFile?.[0]}"
  IdentitiesOnly yes
  UserKnownHostsFile "${ssh.knownHosts?.[0]}"
  StrictHostKeyChecking yes
  BatchMode yes
  KexAlgorithms curve25519-sha256
${ssh.proxyJump?.length ? `  ProxyJump ${ssh.proxyJump.join(',')}\n` : ''}
`;
}
