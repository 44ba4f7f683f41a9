import { jsonLine } from '../core/client/etcdJson';
import { hexDump } from '../core/keys/hexDump';
import { keyText } from '../core/keys/keyText';
import { valueText } from '../core/keys/valueText';
import { t } from '../../../shell/cli/l10n';
import { writeParts } from '../../../shell/cli/output/jsonOutput';
import type { OutputStream } from '../../../shell/cli/output/outputStream';
import { harmless } from '../../../shell/cli/output/terminalText';

/** Bytes of a key that are shown; etcd has no limit of its own. */
const shownKeyBytes = 4096;

/** A key in a line for people. */
export function shownKey(key: Buffer): string {
  return keyText(key, shownKeyBytes);
}

/** Records as they come: the elements of a JSON array, or with `ndjson` one a line. No faster than they are read. */
export class JsonRecords {
  private written = 0;

  constructor(
    private readonly output: OutputStream,
    private readonly ndjson: boolean,
    /** What stands before and after the array. */
    private readonly frame = { head: '', tail: () => '' },
  ) {}

  write(records: Iterable<object>): Promise<void> {
    return writeParts(this.output, this.parts(records));
  }

  async end(): Promise<void> {
    if (this.ndjson) return;
    const begin = this.written === 0 ? `${this.frame.head}[` : '\n';
    await this.output.write(`${begin}]${this.frame.tail()}\n`);
  }

  private *parts(records: Iterable<object>): Generator<string> {
    for (const record of records) {
      const separator = this.written++ === 0 ? `${this.frame.head}[\n` : ',\n';
      yield this.ndjson ? `${jsonLine(record)}\n` : separator + jsonLine(record);
    }
  }
}

/** A value as people read it on a terminal: what is no text as `hexdump -C` shows it. Ends with a newline. */
export function shownValue(value: Buffer): string {
  const text = valueText(value);
  if (text !== undefined)
    return text === '' || text.endsWith('\n') ? harmless(text, false) : `${harmless(text, false)}\n`;
  const dump = hexDump(value);
  const shown = Math.min(value.length, 256 * 1024);
  const rest = value.length - shown;
  return rest > 0 ? `${dump}\n${t('… and {0} more bytes', rest)}\n` : `${dump}\n`;
}

/** Prints a value: its bytes as they are to a program, or what people can read. */
export function writeValue(output: OutputStream, value: Buffer, raw: boolean): Promise<void> {
  return output.write(raw || !output.isTTY ? value : shownValue(value));
}

export function byteCount(count: number): string {
  return count === 1 ? t('1 byte') : t('{0} bytes', count);
}

export function keyCount(count: number): string {
  return count === 1 ? t('1 key') : t('{0} keys', count);
}
