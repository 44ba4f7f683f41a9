import { randomBytes } from 'node:crypto';
import { errorReport, MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import type { Attempt, Followed } from './followed';
import { type LogZone, readZone } from '../recognise/logZone';
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
      if (chunk.length === 0) return;
      stream.state('following');
      stream.bytes(chunk, 0, chunk.length);
    };
    const nonce = randomBytes(16).toString('hex');
    const zoneLine = new ZoneLine(nonce, (zone) => stream.zone(zone));
    return {
      script: commandScript(this.command, nonce),
      opened: () => this.opened(isFirst),
      stdout: (chunk) => take(zoneLine.after(chunk)),
      stderr: take,
      isComplete: (exitCode) => {
        take(zoneLine.rest());
        // Killed with the link, or by somebody: without a status it has not ended by itself.
        if (exitCode === null) return false;
        this.exitCode = exitCode;
        const text =
          exitCode === 0 ? t('the command has ended') : t('the command has ended with status {0}', exitCode);
        stream.event({ kind: 'ended', text }, true);
        if (exitCode !== 0)
          stream.state('failed', errorReport(new MusterError('EXIT_STATUS', text, { phase: 'run' })));
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

/** Bytes of the line with the zone at most. */
const longestZone = 1_024;

/** Takes the line with the zone out of what comes first; what a login shell says before it is kept. */
class ZoneLine {
  private held: Buffer | undefined = Buffer.alloc(0);

  constructor(
    private readonly nonce: string,
    private readonly found: (zone: LogZone) => void,
  ) {}

  /** What is the command's of a chunk, or was held back before it. */
  after(chunk: Buffer): Buffer {
    if (!this.held) return chunk;
    const held = (this.held = Buffer.concat([this.held, chunk]));
    const start = held.indexOf(`${this.nonce} `);
    const end = start < 0 ? -1 : held.indexOf('\n', start);
    if (end < 0) return held.length - Math.max(0, start) < longestZone ? Buffer.alloc(0) : this.rest();
    this.held = undefined;
    this.found(readZone(held.toString('utf8', start + this.nonce.length + 1, end)));
    return Buffer.concat([held.subarray(0, start), held.subarray(end + 1)]);
  }

  /** What is held back still. */
  rest(): Buffer {
    const held = this.held ?? Buffer.alloc(0);
    this.held = undefined;
    return held;
  }
}
