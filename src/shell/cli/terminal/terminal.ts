import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import { exitStatus } from '../exitStatus';
import type { Interruption } from './interruption';
import { t } from '../l10n';
import { OutputStream, wantsColors } from '../output/outputStream';

/** Something at the bottom of the terminal that can be taken away for a while. */
export interface LiveLine {
  hide(): void;
  show(): void;
}

/** The standard outputs, shared by reports, notes, questions and the live line. */
export class Terminal {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  private live: LiveLine | undefined;
  private hidden = 0;

  constructor(interruption: Interruption, env: NodeJS.ProcessEnv, colors: boolean) {
    const colored = (stream: NodeJS.WriteStream) => wantsColors(stream.isTTY === true, env, colors);
    this.stdout = new OutputStream(process.stdout, colored(process.stdout), (error) => {
      if (error.code === 'EPIPE') return interruption.stop(exitStatus.brokenPipe, 'nobody reads the output');
      if (interruption.exitStatus === undefined) {
        this.note(t('muster: cannot write the output: {0}', error.message));
      }
      interruption.stop(exitStatus.output, 'the output cannot be written');
    });
    this.stderr = new OutputStream(process.stderr, colored(process.stderr), () => {});
  }

  /** Writes a line to stderr, above the live line and without secrets. */
  note(line: string): void {
    this.suspend();
    void this.stderr.write(`${withoutCredentials(line)}\n`);
    this.resume();
  }

  /** Takes the live line away while `work` has the terminal for itself. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.suspend();
    try {
      return await work();
    } finally {
      this.resume();
    }
  }

  setLive(live: LiveLine | undefined): void {
    this.live?.hide();
    this.live = live;
    if (this.hidden === 0) live?.show();
  }

  private suspend(): void {
    if (this.hidden++ === 0) this.live?.hide();
  }

  private resume(): void {
    if (--this.hidden === 0) this.live?.show();
  }
}
