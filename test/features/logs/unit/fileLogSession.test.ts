import { afterEach, describe, expect, it } from 'vitest';
import { FileLogSession, type FileLogOptions } from '../../../../src/features/logs/core/file/fileLogSession';
import type { LogView } from '../../../../src/features/logs/core/logView';
import type { RangedFile } from '../../../../src/features/logs/core/file/rangedFile';
import { until } from '../../../harness/until';

/** A file in memory, of which it is told how much was read. */
class MemoryFile implements RangedFile {
  readonly host = 'web-1';
  readonly path = '/var/log/app.log';
  bytesRead = 0;
  isClosed = false;

  constructor(
    private content: Buffer,
    readonly modified?: number,
  ) {}

  get size(): number {
    return this.content.length;
  }
  append(text: string): void {
    this.content = Buffer.concat([this.content, Buffer.from(text)]);
  }
  async read(offset: number, length: number): Promise<Uint8Array> {
    const part = this.content.subarray(offset, offset + length);
    this.bytesRead += part.length;
    return part;
  }
  async close(): Promise<void> {
    this.isClosed = true;
  }
}

const begin = Date.UTC(2026, 10, 26, 12);
const lineOf = (index: number) =>
  `${new Date(begin + index * 1000).toISOString()} ${index % 10 === 0 ? 'ERROR' : 'INFO'} order_id=${index} served`;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `${lineOf(index)}\n`).join('');

describe('A file as a log', () => {
  const sessions: FileLogSession[] = [];
  const open = async (content: string | Buffer, options: FileLogOptions = { reads: 'all' }) => {
    const file = new MemoryFile(Buffer.from(content));
    const session = new FileLogSession(file, options);
    sessions.push(session);
    const view = await session.view();
    return { file, session, view };
  };
  const texts = async (view: LogView, from: number, to: number) =>
    (await view.rows(from, to)).map(({ text }) => text);
  const whenFollowing = (session: FileLogSession) =>
    until('the file read', () => session.streams[0]!.state === 'following');
  const whenScanned = (view: LogView, end: number) =>
    until(`${end} rows`, () => view.state.scanned === 1 && view.state.end - view.state.first === end);

  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.dispose()));
  });

  it('has every line at its place, with time, level and fields', async () => {
    const { session, view } = await open(lines(50_000));
    await whenFollowing(session);
    expect(view.state).toMatchObject({ first: 0, end: 50_000 });
    const [row] = await view.rows(43_210, 43_211);
    expect(row).toMatchObject({ text: lineOf(43_210), level: 'error', time: begin + 43_210_000, stream: 0 });
    expect(await session.details(row!.seq)).toMatchObject({
      fullText: lineOf(43_210),
      fields: { order_id: '43210' },
    });
    expect(await view.positionOf(row!.seq)).toBe(43_210);
    expect(await view.positionAt(begin + 12_345_000)).toBe(12_345);
  });

  it('places dates without a year by when the file was modified', async () => {
    const content = Buffer.from('Dec 31 12:00:00 web app: a\nJan  1 12:00:00 web app: b\n');
    const session = new FileLogSession(new MemoryFile(content, Date.UTC(2024, 0, 1, 18)), { reads: 'all' });
    sessions.push(session);
    const view = await session.view();
    await whenScanned(view, 2);
    const years = (await view.rows(0, 2)).map(({ time }) => new Date(time!).getFullYear());
    expect(years).toEqual([2023, 2024]);
  });

  it('takes CRLF, a last line without its end, invalid UTF-8 and lines of any length', async () => {
    const long = 'x'.repeat(9_000_000);
    const content = Buffer.concat([
      Buffer.from(`one\r\n\r\n${long}\ntwo `),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.from('end'),
    ]);
    const { session, view } = await open(content);
    await whenFollowing(session);
    const rows = await view.rows(0, 10);
    expect(rows.map(({ text }) => text.slice(0, 8))).toEqual([
      'one',
      '',
      'xxxxxxxx',
      'two \ufffd\ufffd',
      'end',
    ]);
    expect(rows[2]!.text).toHaveLength(8192);
    expect(rows[2]!.hidden).toBeGreaterThan(1_000_000);
  });

  it('goes on with what is written later, also to a line that had no end', async () => {
    const { file, session, view } = await open('one\ntw');
    await whenFollowing(session);
    expect(await texts(view, 0, 9)).toEqual(['one', 'tw']);
    file.append('o\nthree\n');
    await until('what was written', () => view.state.end === 3);
    expect(await texts(view, 0, 9)).toEqual(['one', 'two', 'three']);
  });

  it('shows the records that pass a filter, and says so for what is no expression', async () => {
    const { session, view } = await open(`${lines(30_000)}ERROR failed\n\tat one\n\tat two\nINFO done\n`);
    await whenFollowing(session);
    await view.setFilter({ level: 'error' });
    await whenScanned(view, 3_003);
    expect(await texts(view, 3_000, 3_010)).toEqual(['ERROR failed', '\tat one', '\tat two']);
    await view.setFilter({ fields: [{ field: 'order_id', operator: '>=', value: '29998' }] });
    await whenScanned(view, 2);
    await view.setFilter({
      include: [{ text: 'order_id=1234\\d$', regex: true }],
      exclude: [{ text: 'error' }],
    });
    await whenScanned(view, 0);
    await view.setFilter({
      include: [{ text: 'ORDER_ID=1234\\d ', regex: true }],
      exclude: [{ text: 'error' }],
    });
    await whenScanned(view, 9);
    await expect(view.setFilter({ include: [{ text: '(', regex: true }] })).rejects.toMatchObject({
      code: 'USAGE',
    });
    expect(view.state.end).toBe(9);
  });

  it('finds matches in both directions, around the ends, with their numbers', async () => {
    const { session, view } = await open(lines(20_000));
    await whenFollowing(session);
    await view.find({ text: 'order_id=1999' });
    await until('the search', () => view.findState.scanned === 1);
    expect(view.findState.count).toBe(11);
    expect(await view.next(1_999)).toEqual({ position: 19_990, ordinal: 2 });
    expect(await view.next(19_999)).toEqual({ position: 1_999, ordinal: 1 });
    expect(await view.previous(1_999)).toEqual({ position: 19_999, ordinal: 11 });
  });

  it('counts lines by time and level', async () => {
    const { session, view } = await open(lines(36_000));
    await whenFollowing(session);
    const sums = await until('the histogram', async () => {
      const { counts } = await view.histogram(10);
      const total = counts.reduce((sum, count) => sum + count, 0);
      return Math.abs(total - 36_000) < 50 ? counts : undefined;
    });
    expect(sums.filter((_, index) => index % 8 === 6).every((count) => Math.abs(count - 360) < 10)).toBe(
      true,
    );
  });

  it('reads of a large file on a host only what is looked at, from the end, a time or an offset', async () => {
    const content = lines(400_000);
    const { file, session, view } = await open(content, {
      reads: 'parts',
      seekTime: async (time) => content.indexOf(new Date(time).toISOString()),
    });
    await whenFollowing(session);
    const { first, end } = view.state;
    expect(await texts(view, end - 1, end)).toEqual([lineOf(399_999)]);
    expect(file.bytesRead).toBeLessThan(2_000_000);
    await view.rows(first, first + 10);
    await until('what is before', () => view.state.first < first);
    expect(await texts(view, first, first + 1)).toHaveLength(1);
    const at = await view.positionAt(begin + 100_000_000);
    expect(await texts(view, at, at + 1)).toEqual([lineOf(100_000)]);
    await session.seek(content.length / 2);
    const [middle] = await view.rows(0, 1);
    expect(middle!.seq).toBe(content.lastIndexOf('\n', content.length / 2 - 1) + 1);
    expect(file.bytesRead).toBeLessThan(8_000_000);
    await session.dispose();
    expect(file.isClosed).toBe(true);
    await expect(view.rows(0, 1)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('gives its lines as text', async () => {
    const { session, view } = await open(lines(3_000));
    await whenFollowing(session);
    let text = '';
    for await (const chunk of view.text(0, 3_000)) text += chunk;
    expect(text).toBe(lines(3_000));
    let prefixed = '';
    for await (const chunk of view.text(2, 3, { prefixed: true })) prefixed += chunk;
    expect(prefixed).toBe(`2026-11-26T12:00:02.000Z web-1 ${lineOf(2)}\n`);
  });
});
