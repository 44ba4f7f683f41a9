import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, denyingAuthority } from '../../../../src/platform/host/host';
import type { Host } from '../../../../src/platform/inventory/model';
import { captureOrder, type OrderChoices } from '../../../../src/features/profiles/core/capture/captureOrder';
import {
  type CaptureOptions,
  captureProfiles,
  type CaptureReport,
} from '../../../../src/features/profiles/core/capture/captureBatch';
import { profilerOf } from '../../../../src/features/profiles/core/capture/profilers';
import { hotFunctions } from '../../../../src/features/profiles/core/analysis/hotFunctions';
import type { Profile } from '../../../../src/features/profiles/core/model/profile';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import type { HostTransport } from '../../../../src/platform/transport/hostTransport';

/** A folder for captures, and captures into it. */
export class CaptureBench implements AsyncDisposable {
  private readonly children: ChildProcess[] = [];

  private constructor(readonly folder: string) {}

  static async create(): Promise<CaptureBench> {
    return new CaptureBench(await mkdtemp(join(tmpdir(), 'muster-captures-')));
  }

  /** Captures with the settings as muster.yaml would give them. */
  async capture(
    pool: HostTransport,
    hosts: readonly Host[],
    type: string,
    input: object,
    choices: OrderChoices = {},
    options: Partial<CaptureOptions> & { authority?: Authority } = {},
  ): Promise<CaptureReport> {
    const profiler = profilerOf(type);
    const settings = profiler.settings.parse(input) as Record<string, unknown>;
    return captureProfiles(
      hosts,
      { type, settings, order: captureOrder(profiler, choices) },
      {
        ...{ transport: pool, authority: denyingAuthority, concurrency: 10, directory: this.folder },
        folder: await mkdtemp(join(this.folder, 'batch-')),
        ...options,
      },
    );
  }

  /** Starts a program of this machine that ends with the bench; resolves with the first line that it prints. */
  async start(
    program: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<[ChildProcess, string]> {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    this.children.push(child);
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    child.stdout.resume();
    return [child, chunk.toString().split('\n', 1)[0]!];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function profileOf({ results }: CaptureReport, index = 0): Promise<Profile> {
  const { file, error } = results[index]!;
  if (file === undefined) throw new Error(JSON.stringify(error));
  return readProfile(await readFile(file), file);
}

/** Names of functions, the heaviest first. */
export const hottest = (profile: Profile, valueType?: number) =>
  hotFunctions(profile, valueType).functions.map(({ name }) => name);

/** Folders of recordings that are left in the folder for temporary files. */
export const recordingsLeft = async () =>
  (await readdir(tmpdir())).filter((name) => /^muster\.[A-Za-z0-9]{6}$/.test(name));

/** Command lines of processes that match. */
export async function processesLike(pattern: RegExp): Promise<string[]> {
  const lines: string[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (pattern.test(line.replaceAll('\0', ' '))) lines.push(line.replaceAll('\0', ' '));
  }
  return lines;
}
