import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Sample } from './measure';

/** A program that stays, does a round of work for each line it is sent and answers with one line of JSON. */
export class ResidentProcess implements AsyncDisposable {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  constructor(
    private readonly name: string,
    file: string,
    args: readonly string[],
  ) {
    this.child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.answers = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  async ask(line: string): Promise<Sample> {
    this.child.stdin!.write(`${line}\n`);
    const answer = await this.answers.next();
    if (answer.done) throw new Error(`${this.name} ended without an answer to "${line}"`);
    return JSON.parse(answer.value) as Sample;
  }

  /** It ends when its input does. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin!.end();
    const impatience = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(impatience);
  }
}
