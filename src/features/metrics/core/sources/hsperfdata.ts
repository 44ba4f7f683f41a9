import { t } from '../../../../platform/l10n/l10n';

/** What a JVM keeps in the file `hsperfdata_USER/PID`. */
export interface PerfData {
  readonly numbers: ReadonlyMap<string, PerfNumber>;
  readonly texts: ReadonlyMap<string, string>;
  /** Of `ticks`; undefined if the file does not say. */
  readonly ticksPerSecond: number | undefined;
}

export interface PerfNumber {
  readonly value: number;
  readonly unit: 'none' | 'bytes' | 'ticks' | 'events' | 'text' | 'hertz';
  /** It only goes up. */
  readonly isMonotonic: boolean;
}

const magic = 0xca_fe_c0_c0;
const prologueBytes = 32;
const entryBytes = 20;
const mostEntries = 10_000;
const mostText = 4096;

const units = ['none', 'none', 'bytes', 'ticks', 'events', 'text', 'hertz'] as const;
const monotonic = 2;
const types = { byte: 'B'.charCodeAt(0), long: 'J'.charCodeAt(0) };

/**
 * Reads the format 2.0 of HotSpot: a prologue of 32 bytes, then entries of a head, a name that ends in NUL, and data at
 * its offset (https://openjdk.org/groups/serviceability/jvmstat/). Every offset is looked at before it is followed.
 * @throws RangeError
 */
export function readPerfData(bytes: Buffer): PerfData {
  if (bytes.length < prologueBytes || bytes.readUInt32BE(0) !== magic) throw fault(t('it is not hsperfdata'));
  const order = bytes[4];
  if (order !== 0 && order !== 1) throw fault(t('its byte order is unknown'));
  if (bytes[5] !== 2) throw fault(t('its version {0} is not known', bytes[5]));
  if (bytes[7] !== 1) throw fault(t('the JVM is still starting'));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = order === 1;
  const int = (at: number) => view.getInt32(at, isLittle);
  const count = int(28);
  if (count < 0 || count > mostEntries) throw fault(t('it has {0} entries', count));
  const numbers = new Map<string, PerfNumber>();
  const texts = new Map<string, string>();
  let at = int(24);
  for (let entry = 0; entry < count; entry++) {
    if (at < prologueBytes || at + entryBytes > bytes.length)
      throw fault(t('entry {0} is outside of it', entry + 1));
    const [length, nameAt, elements, dataAt] = [int(at), int(at + 4), int(at + 8), int(at + 16)];
    const end = at + length;
    if (length < entryBytes || end > bytes.length) throw fault(t('entry {0} is outside of it', entry + 1));
    const [type, unit = 0, variability] = [bytes[at + 12], bytes[at + 14], bytes[at + 15]];
    const name = nameIn(bytes, at + nameAt, end);
    if (nameAt < entryBytes || name === undefined) throw fault(t('entry {0} has no name', entry + 1));
    if (dataAt < entryBytes || at + dataAt > end) throw fault(t('entry {0} has no data', entry + 1));
    if (type === types.long && elements === 0) {
      if (at + dataAt + 8 > end) throw fault(t('entry {0} has no data', entry + 1));
      numbers.set(name, {
        value: Number(view.getBigInt64(at + dataAt, isLittle)),
        unit: units[unit] ?? 'none',
        isMonotonic: variability === monotonic,
      });
    } else if (type === types.byte && elements > 0)
      texts.set(name, textIn(bytes, at + dataAt, Math.min(end, at + dataAt + Math.min(elements, mostText))));
    at = end;
  }
  const frequency = numbers.get('sun.os.hrt.frequency')?.value;
  return { numbers, texts, ticksPerSecond: frequency !== undefined && frequency > 0 ? frequency : undefined };
}

/** Names are ASCII, without blanks. */
function nameIn(bytes: Buffer, from: number, end: number): string | undefined {
  const nul = bytes.indexOf(0, from);
  if (nul < 0 || nul > end) return undefined;
  const name = bytes.toString('latin1', from, nul);
  return /^[!-~]{1,256}$/.test(name) ? name : undefined;
}

function textIn(bytes: Buffer, from: number, end: number): string {
  const nul = bytes.indexOf(0, from);
  return bytes.toString('utf8', from, nul >= 0 && nul < end ? nul : end);
}

function fault(message: string): RangeError {
  return new RangeError(message);
}
