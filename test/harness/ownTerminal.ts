import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { inject } from 'vitest';
import { until, untilRead } from './until';

/** Which of the modes of a terminal are on. */
export interface Modes {
  opost: boolean;
  echo: boolean;
  icanon: boolean;
  isig: boolean;
  icrnl: boolean;
  stopped?: boolean;
  ended?: number;
}

/** `muster ARGS…` on a pseudoterminal of 100 columns and 30 rows, whose modes can be looked at also when it has ended. */
export class OwnTerminal {
  shown = '';
  private readonly said: string[] = [];
  private readonly child;
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    const words = ['test/harness/terminalOf.py', process.execPath, inject('cli'), ...args];
    this.child = spawn('python3', words, {
      env: { ...process.env, TERM: 'xterm-256color', ...env },
      stdio: ['pipe', 'pipe', 'inherit', 'pipe', 'pipe'],
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.shown += text));
    createInterface({ input: this.child.stdio[4] as Readable }).on('line', (line) => this.said.push(line));
    this.ended = once(this.child, 'close').then(([status]) => status as number | null);
  }

  /** The process in it. */
  async pid(): Promise<number> {
    return Number(await until('the process', () => this.said[0]));
  }

  type(text: string): void {
    this.child.stdin!.write(text);
  }

  /** As a window does that is closed, or a connection that is lost. */
  tearOff(): void {
    this.child.kill('SIGKILL');
  }

  resize(columns: number, rows: number): void {
    (this.child.stdio[3] as Writable).write(`size ${columns} ${rows}\n`);
  }

  async waitFor(text: string | RegExp): Promise<void> {
    await untilRead(
      `“${text}” on the terminal`,
      async () => this.shown,
      (shown) => (typeof text === 'string' ? shown.includes(text) : text.test(shown)),
    );
  }

  /** As they are now. */
  async modes(): Promise<Modes> {
    const before = this.said.length;
    (this.child.stdio[3] as Writable).write('modes\n');
    await until('the modes', () => this.said.length > before);
    return JSON.parse(this.said.at(-1)!) as Modes;
  }

  /** As they are when it stops, or has ended. */
  async modesWhen(state: 'stopped' | 'ended'): Promise<Modes> {
    const line = await until(`a process that has ${state}`, () =>
      this.said.find((one) => one.includes(state)),
    );
    return JSON.parse(line) as Modes;
  }
}
