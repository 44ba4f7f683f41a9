// eslint-disable-next-line no-restricted-syntax -- what is opened is written, into a file made here
import { type FileHandle, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { MusterError } from '../../../platform/errors/errors';
import { fileFault } from '../../../platform/files/fileFault';
import { privateMode } from '../../../platform/files/privateFile';
import { printable } from '../../../platform/text/printable';
import { UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';
import type { ReadingPair } from '../core/fold';
import { csvHead, csvLine, type RecordedRow, recordedRows, type RecordFormat } from '../core/recordedRows';

/** UTF-16 units that are written at once. */
const chunkLength = 256 * 1024;

/** Writes readings to a file as they come, in their order. A file that was there before is left as it is. */
export class MetricRecord {
  private writing = Promise.resolve();
  private failure: unknown;

  private constructor(
    private readonly file: FileHandle,
    private readonly name: string,
    private readonly format: RecordFormat,
  ) {}

  /** @throws UsageError */
  static async open(name: string, cwd: string): Promise<MetricRecord> {
    const format = (['ndjson', 'csv'] as const).find((one) => name.toLowerCase().endsWith(`.${one}`));
    const place = path.resolve(cwd, name);
    const known = await stat(place).catch(() => undefined);
    const isPipe = known !== undefined && !known.isFile();
    if (!format && !isPipe)
      throw new UsageError(t('--record: "{0}" ends in neither .ndjson nor .csv', printable(name)));
    let file: FileHandle;
    try {
      file = await open(place, isPipe ? 'w' : 'wx', privateMode.file);
    } catch (error) {
      const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
      throw new UsageError(
        exists
          ? t('--record: {0} is there already: name a new file', printable(name))
          : t('{0}: cannot write {1}: {2}', '--record', printable(name), fileFault(error)),
      );
    }
    const record = new MetricRecord(file, name, format ?? 'ndjson');
    if (format === 'csv') record.write([csvHead]);
    return record;
  }

  add(pair: ReadingPair): void {
    const lineOf = this.format === 'csv' ? csvLine : (row: RecordedRow) => `${JSON.stringify(row)}\n`;
    this.write(linesOf(pair, lineOf));
  }

  /** Resolves when what was added is written. @throws MusterError when it cannot be */
  async flush(): Promise<void> {
    await this.writing;
    if (this.failure === undefined) return;
    const message = t(
      '{0}: cannot write {1}: {2}',
      '--record',
      printable(this.name),
      fileFault(this.failure),
    );
    throw new MusterError('NO_SPACE', message, { cause: this.failure });
  }

  /** @throws MusterError when something was not written */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.file.close();
    }
  }

  private write(lines: Iterable<string>): void {
    this.writing = this.writing.then(async () => {
      if (this.failure !== undefined) return;
      try {
        let chunk = '';
        for (const line of lines) {
          chunk += line;
          if (chunk.length < chunkLength) continue;
          await this.file.write(chunk);
          chunk = '';
        }
        if (chunk !== '') await this.file.write(chunk);
      } catch (error) {
        this.failure = error;
      }
    });
  }
}

function* linesOf(pair: ReadingPair, lineOf: (row: RecordedRow) => string): Generator<string> {
  for (const row of recordedRows(pair)) yield lineOf(row);
}
