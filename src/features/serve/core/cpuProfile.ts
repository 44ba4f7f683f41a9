import { Session } from 'node:inspector/promises';
import { writePrivateFile } from '../../../platform/files/privateFile';
import type { Logger } from '../../../platform/host/host';
import { t } from '../../../platform/l10n/l10n';
import { toMusterError } from '../../../platform/errors/errors';

/** Milliseconds: a recording grows for as long as it lasts. */
const longestMs = 300_000;

/** Records CPU profiles of this process into a file; within the process, so that no port is opened for it. */
export class CpuProfile {
  private session: Session | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pending: Promise<void> = Promise.resolve();

  constructor(
    private readonly file: string,
    private readonly logger: Logger,
  ) {}

  /** Begins a recording, or ends the one under way and writes it. */
  toggle(): void {
    this.then(() => (this.session ? this.finish() : this.begin()));
  }

  /** Writes what is being recorded. */
  async stop(): Promise<void> {
    this.then(async () => (this.session ? this.finish() : undefined));
    await this.pending;
  }

  private then(next: () => Promise<void>): void {
    this.pending = this.pending.then(next).catch((error: unknown) => {
      this.logger.error(t('the CPU profile cannot be written: {0}', toMusterError(error).message));
    });
  }

  private async begin(): Promise<void> {
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    this.session = session;
    this.timer = setTimeout(() => this.toggle(), longestMs).unref();
    this.logger.info(t('recording a CPU profile for at most {0} s', longestMs / 1000));
  }

  private async finish(): Promise<void> {
    const session = this.session!;
    this.session = undefined;
    clearTimeout(this.timer);
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    await writePrivateFile(this.file, JSON.stringify(profile));
    this.logger.info(t('a CPU profile is in {0}', this.file));
  }
}
