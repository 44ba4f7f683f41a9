import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import type { OpenStream } from './streamBook';

/** What is started on the host, and what becomes of its output. */
export interface Attempt {
  readonly script: string;
  /** It runs, though it may have nothing to say yet. */
  opened?(): void;
  stdout(chunk: Buffer): void;
  stderr?(chunk: Buffer): void;
  /** Whether it has come to its end by itself. */
  isComplete(exitCode: number | null): boolean;
}

/** What is followed through one channel, across reconnections. */
export interface Followed {
  readonly streams: readonly OpenStream[];
  /** Begins, or goes on where the last connection was lost. */
  attempt(isFirst: boolean): Attempt;
  disconnected(): void;
}

/** The inode that a file had belongs to another one now: begin it anew. */
export class MisplacedFile extends MusterError {
  constructor(path: string) {
    super('CONFLICT', t('{0} is another file than it was', printable(path)));
  }
}
