import { writePrivateFile } from '../../../platform/files/privateFile';
import type { Logger } from '../../../platform/host/host';
import { t } from '../../../platform/l10n/l10n';
import { toMusterError } from '../../../platform/errors/errors';
import { CpuRecording, longestRecordingMs } from '../../../platform/operation/cpuRecording';

/** Records CPU profiles of this process into a file. */
export class CpuProfile {
  private recording: CpuRecording | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pending: Promise<void> = Promise.resolve();

  constructor(
    private readonly file: string,
    private readonly logger: Logger,
  ) {}

  /** Begins a recording, or ends the one under way and writes it. */
  toggle(): void {
    this.then(() => (this.recording ? this.finish() : this.begin()));
  }

  /** Writes what is being recorded. */
  async stop(): Promise<void> {
    this.then(async () => (this.recording ? this.finish() : undefined));
    await this.pending;
  }

  private then(next: () => Promise<void>): void {
    this.pending = this.pending.then(next).catch((error: unknown) => {
      this.logger.error(t('the CPU profile cannot be written: {0}', toMusterError(error).message));
    });
  }

  private async begin(): Promise<void> {
    this.recording = await CpuRecording.begin();
    this.timer = setTimeout(() => this.toggle(), longestRecordingMs).unref();
    this.logger.info(t('recording a CPU profile for at most {0} s', longestRecordingMs / 1000));
  }

  private async finish(): Promise<void> {
    const recording = this.recording!;
    this.recording = undefined;
    clearTimeout(this.timer);
    await writePrivateFile(this.file, await recording.end());
    this.logger.info(t('a CPU profile is in {0}', this.file));
  }
}
