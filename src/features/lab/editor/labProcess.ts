import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { MusterError } from '../../../platform/errors/errors';
import type { Logger } from '../../../platform/host/host';

/** What of `muster lab --json`'s first line is used here: the lab is up. */
export interface LabReady {
  workspace: string;
  inventory: string;
  hosts: number;
}

/** The lab as a child process. It ends when its standard input closes, so it cannot outlive the editor. */
export class LabProcess {
  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    readonly ready: LabReady,
    /** Resolves when the process has ended, for whatever reason. */
    readonly ended: Promise<void>,
  ) {}

  /** @throws MusterError when the lab ends before it is up */
  static async start(cli: string, logger: Logger): Promise<LabProcess> {
    const child = spawn(process.execPath, [cli, 'lab', '--json'], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: 'pipe',
      windowsHide: true,
    });
    const ended = new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    });
    // It may be gone before it is told to stop.
    child.stdin.on('error', () => {});
    createInterface({ input: child.stderr }).on('line', (line) => logger.warn(`lab: ${line}`));
    try {
      return new LabProcess(child, await readyLine(child, ended), ended);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  async stop(): Promise<void> {
    this.child.stdin.end();
    const patience = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await this.ended;
    clearTimeout(patience);
  }
}

async function readyLine(child: ChildProcessWithoutNullStreams, ended: Promise<void>): Promise<LabReady> {
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    ended.then(() => undefined),
  ]);
  if (line === undefined) {
    throw new MusterError('PROTOCOL', 'the lab ended before it was up', {
      hint: 'Its reason is in the log.',
    });
  }
  return JSON.parse(line) as LabReady;
}
