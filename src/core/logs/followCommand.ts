import { t } from '../l10n';
import type { Attempt, Followed } from './followed';
import { commandScript } from './remoteScript';
import type { OpenStream } from './streamBook';

/** The output of a command line, both of its outputs as one stream. What it wrote while the link was lost is gone. */
export class FollowedCommand implements Followed {
  readonly streams: readonly OpenStream[];
  private exitCode: number | null = null;

  constructor(
    private readonly command: string,
    private readonly stream: OpenStream,
  ) {
    this.streams = [stream];
  }

  attempt(isFirst: boolean): Attempt {
    const { stream } = this;
    const take = (chunk: Buffer) => {
      stream.state('following');
      stream.bytes(chunk, 0, chunk.length);
    };
    return {
      script: commandScript(this.command),
      opened: () => this.opened(isFirst),
      stdout: take,
      stderr: take,
      isComplete: (exitCode) => {
        // Killed with the link, or by somebody: without a status it has not ended by itself.
        if (exitCode === null) return false;
        this.exitCode = exitCode;
        const text =
          exitCode === 0 ? t('the command has ended') : t('the command has ended with status {0}', exitCode);
        stream.event({ kind: 'ended', text }, true);
        return true;
      },
    };
  }

  disconnected(): void {
    // What was received of a line is one.
  }

  private opened(isFirst: boolean): void {
    this.stream.state('reading');
    if (isFirst) return;
    const text = t('gap of unknown size: the command was started again');
    this.stream.event({ kind: 'gap', text, lost: null }, true);
  }
}
