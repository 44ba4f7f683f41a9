import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Authority, CredentialRequest, HostKeyDecision } from '../core/host';
import { printable } from '../core/printable';
import { pauseProgress } from './output/progress';

/** Asks on the terminal for passphrases and passwords, one at a time; trusts no new host key unless told to. */
export class TerminalAuthority implements Authority {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly acceptNew: boolean,
    /** Ctrl-C at the question, where the terminal sends no signal. */
    private readonly onInterrupt: () => void,
  ) {}

  unknownHostKey(): Promise<HostKeyDecision> {
    return Promise.resolve(this.acceptNew ? 'remember' : 'reject');
  }

  /** Declines where no person sits at the terminal. */
  credential(request: CredentialRequest, signal: AbortSignal): Promise<string | undefined> {
    if (!process.stdin.isTTY || !process.stderr.isTTY) return Promise.resolve(undefined);
    const answer = this.last.then(() => (signal.aborted ? undefined : this.ask(request, signal)));
    this.last = answer.catch(() => {});
    return answer;
  }

  private async ask(
    { prompt, echo, retry }: CredentialRequest,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const resume = pauseProgress();
    // readline echoes what is typed to its output: a secret goes nowhere.
    const output = echo ? process.stderr : new Writable({ write: (_chunk, _encoding, done) => done() });
    process.stderr.write(
      `${retry ? 'That was refused. ' : ''}${printable(prompt, 300).replace(/:?$/, ':')} `,
    );
    const terminal = createInterface({ input: process.stdin, output, terminal: true });
    terminal.once('SIGINT', () => {
      terminal.close();
      this.onInterrupt();
    });
    try {
      return await new Promise<string | undefined>((resolve) => {
        terminal.once('close', () => resolve(undefined));
        terminal.question('', { signal }).then(resolve, () => resolve(undefined));
      });
    } finally {
      terminal.close();
      if (!echo) process.stderr.write('\n');
      resume();
    }
  }
}
