import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';

/** The terminal of the user while a host has it: every key is the host's, and what the host writes is not changed. */
export class RawTerminal {
  private isRaw = false;
  private readonly restore = () => this.leave();

  constructor(
    private readonly input: ReadStream,
    private readonly outputs: readonly WriteStream[],
  ) {}

  /** Columns and rows; those of old where the terminal does not say. */
  get size(): { columns: number; rows: number } {
    const screen = this.outputs.find(({ isTTY }) => isTTY);
    return { columns: screen?.columns || 80, rows: screen?.rows || 24 };
  }

  /** Calls it for each change of the size until the returned function is called. */
  onResize(listener: () => void): () => void {
    const screen = this.outputs.find(({ isTTY }) => isTTY);
    screen?.on('resize', listener);
    return () => screen?.off('resize', listener);
  }

  async enter(): Promise<void> {
    this.isRaw = true;
    this.input.setRawMode(true);
    // However this process ends.
    process.once('exit', this.restore);
    // Node.js leaves line feeds to be changed into line breaks, which the terminal of the host has done where it is wanted.
    await setTerminal('-opost');
    // It was left meanwhile, and has its modes back but for this one.
    if (!this.isRaw) await setTerminal('opost');
  }

  leave(): void {
    if (!this.isRaw) return;
    this.isRaw = false;
    process.off('exit', this.restore);
    this.input.setRawMode(false);
  }

  /** Stops this process until it is continued, with the terminal as it was. */
  async suspend(): Promise<void> {
    this.leave();
    process.kill(process.pid, 'SIGTSTP');
    await this.enter();
  }

  /** Another process may have changed the terminal while this one was stopped. */
  async resume(): Promise<void> {
    if (!this.isRaw) return;
    this.leave();
    await this.enter();
  }
}

/** Windows has no such mode. */
async function setTerminal(mode: string): Promise<void> {
  if (process.platform === 'win32') return;
  const child = spawn('stty', [mode], { stdio: ['inherit', 'ignore', 'ignore'] });
  await once(child, 'close').catch(() => {});
}
