// eslint-disable-next-line no-restricted-syntax -- the terminal
import { open } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { ReadStream, WriteStream } from 'node:tty';
import { promisify } from 'node:util';

export interface QuestionOptions {
  /** Whether what is typed shows. */
  echo: boolean;
  signal: AbortSignal;
  /** Ctrl-C was typed: while asking, the terminal makes no signal of it. */
  onInterrupt: () => void;
}

interface Tty {
  input: ReadStream;
  output: WriteStream;
  close(): void;
}

/** The line typed; undefined at end of input, when the signal aborts, or where there is no terminal. */
export async function askOnTty(
  question: string,
  { echo, signal, onInterrupt }: QuestionOptions,
): Promise<string | undefined> {
  const tty = await openTty();
  if (!tty) return undefined;
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: tty.input,
    output: muted,
    // What shows is edited and interrupted as the terminal has it, without escape sequences.
    terminal: !echo,
    historySize: 0,
  });
  const closed = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  lines.once('SIGINT', () => {
    lines.close();
    onInterrupt();
  });
  let answer: string | undefined;
  try {
    tty.output.write(question);
    answer = await Promise.race([lines.question('', { signal }), closed]);
  } catch {
    // The signal has aborted.
  } finally {
    lines.close();
    // What shows ends with the Enter that was typed.
    if (!echo || answer === undefined) tty.output.write('\n');
    tty.close();
  }
  return answer;
}

/** Whether there is somebody to ask. */
export async function hasTty(): Promise<boolean> {
  const tty = await openTty();
  tty?.close();
  return tty !== undefined;
}

/** The controlling terminal, whatever the standard streams are; else stdin if it is a terminal. */
async function openTty(): Promise<Tty | undefined> {
  if (process.platform !== 'win32') {
    try {
      const openFile = promisify(open);
      const input = new ReadStream(await openFile('/dev/tty', 'r'));
      const output = new WriteStream(await openFile('/dev/tty', 'w'));
      const close = () => {
        input.destroy();
        output.destroy();
      };
      return { input, output, close };
    } catch {
      // No controlling terminal: a cron job, a container.
    }
  }
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return { input: process.stdin, output: process.stderr, close: () => process.stdin.pause() };
}
