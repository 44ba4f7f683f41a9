import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader } from '../../../../src/features/logs/core/follow/frameReader';
import { maxLineBytes } from '../../../../src/features/logs/core/logRow';
import { LogStore } from '../../../../src/features/logs/core/store/logStore';
import { StoreView } from '../../../../src/features/logs/core/store/storeView';

const mebibyte = 1024 * 1024;

function store(memory = 64 * mebibyte, now = () => 1_795_696_496_789): LogStore {
  return new LogStore({ memory, holdMs: 250, now });
}

function withStreams(count: number, memory?: number): LogStore {
  const made = store(memory);
  for (let id = 0; id < count; id++) made.open({ id, feed: id, prefix: `web-${id}`, format: 'auto' });
  return made;
}

function texts(of: LogStore): string[] {
  of.flush(true);
  return Array.from({ length: of.endSeq - of.firstSeq }, (_, index) => of.row(of.firstSeq + index).text);
}

function give(to: LogStore, stream: number, text: string | Buffer): void {
  const bytes = Buffer.from(text as string);
  to.append(stream, bytes, 0, bytes.length);
}

test('lines are the same however their bytes are cut', () => {
  const bytes = fc
    .uint8Array({ maxLength: 200 })
    .map((raw) => Buffer.from(raw.map((byte) => (byte % 9 === 0 ? 10 : byte))));
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(200)), (all, cuts) => {
      const cut = withStreams(1);
      let from = 0;
      for (const at of [...cuts.filter((one) => one < all.length).sort((a, b) => a - b), all.length]) {
        cut.append(0, all, from, at);
        from = at;
      }
      cut.phase(0, 'ended');
      const lines = all.toString('latin1').split('\n');
      if (lines.at(-1) === '') lines.pop();
      const expected = lines.map((line) => Buffer.from(line.replace(/\r$/, ''), 'latin1').toString());
      expect(texts(cut)).toEqual(expected);
    }),
  );
});

test('a line whose stream is cut in the middle of it is one line when it goes on', () => {
  const cut = withStreams(1);
  give(cut, 0, 'one\ntw');
  cut.phase(0, 'away');
  cut.event(0, { kind: 'resumed', text: 'resumed, 0 lost', lost: 0 });
  cut.phase(0, 'live');
  give(cut, 0, 'o\nthr');
  cut.phase(0, 'ended');
  expect(texts(cut)).toEqual(['one', 'resumed, 0 lost', 'two', 'thr']);
});

test('lines before the first time of a stream stand with the line that has it', () => {
  const merged = withStreams(2);
  give(merged, 0, '=== title\nmore of it\n2026-11-26T12:00:01Z a\n');
  give(merged, 1, '2026-11-26T12:00:00Z b\n2026-11-26T12:00:02Z c\n');
  expect(texts(merged)).toEqual([
    '2026-11-26T12:00:00Z b',
    '=== title',
    'more of it',
    '2026-11-26T12:00:01Z a',
    '2026-11-26T12:00:02Z c',
  ]);
  expect(merged.row(1)).toMatchObject({ timeSource: 'none' });
  expect(merged.row(1)).not.toHaveProperty('time');
  expect(merged.late).toBe(0);
});

test('streams are merged by time with the order of each kept, however they come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(59), { maxLength: 30 }), { minLength: 2, maxLength: 5 }),
      (streams) => {
        const merged = withStreams(streams.length);
        streams.forEach((seconds, id) => {
          [...seconds]
            .sort((a, b) => a - b)
            .forEach((second, index) => {
              give(merged, id, `2026-11-26T12:00:${String(second).padStart(2, '0')}Z ${id}.${index}\n`);
            });
          merged.phase(id, 'ended');
        });
        const lines = texts(merged);
        expect(lines.map((line) => line.slice(0, 20))).toEqual(lines.map((line) => line.slice(0, 20)).sort());
        streams.forEach((seconds, id) => {
          const own = lines
            .filter((line) => line.includes(` ${id}.`))
            .map((line) => Number(line.split('.')[1]));
          expect(own).toEqual(seconds.map((_, index) => index));
        });
      },
    ),
  );
});

test('a line is waited for, and a later one that comes too late is told to be', () => {
  let now = Date.UTC(2026, 10, 26, 12, 1);
  const held = store(undefined, () => now);
  for (const id of [0, 1]) {
    held.open({ id, feed: id, prefix: '', format: 'auto' });
    held.phase(id, 'live');
  }
  give(held, 0, '2026-11-26T12:00:10Z a\n');
  expect(held.flush()).toBe(250);
  expect(held.endSeq).toBe(0);
  now += 300;
  held.flush();
  give(held, 1, '2026-11-26T12:00:05Z b\n');
  now += 300;
  held.flush();
  expect([held.row(0).late, held.row(1).late]).toEqual([undefined, true]);
});

test('a host that is still being connected to is waited for, but not for ever', () => {
  let now = Date.UTC(2026, 10, 26, 12, 1);
  const begun = store(undefined, () => now);
  for (const feed of [0, 1, 2]) begun.expect(feed);
  begun.open({ id: 0, feed: 0, prefix: '', format: 'auto' });
  give(begun, 0, '2026-11-26T12:00:10Z a\n');
  begun.phase(0, 'live');
  now += 1000;
  begun.flush();
  expect(begun.endSeq).toBe(0);
  begun.open({ id: 1, feed: 1, prefix: '', format: 'auto' });
  give(begun, 1, '2026-11-26T12:00:05Z b\n');
  begun.phase(1, 'live');
  expect(begun.flush()).toBe(4000);
  now += 4000;
  begun.flush();
  expect([0, 1].map((seq) => begun.row(seq)).map(({ text, late }) => [text, late])).toEqual([
    ['2026-11-26T12:00:05Z b', undefined],
    ['2026-11-26T12:00:10Z a', undefined],
  ]);
});

test('lines of a stream that is alone are the same whenever they are read', () => {
  const written = fc.constantFrom(
    ...['2026-11-26T12:00:03Z INFO begins', '  goes on', '2026-11-26T12:00:01Z ERROR fails', 'no time'],
    ...['Caused by: that', '{"time":"2026-11-26T12:00:02Z","level":"warn"}', '', 'level=debug msg=x\r'],
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(written, fc.nat(3)), { maxLength: 40 }), (lines) => {
      let now = Date.UTC(2026, 10, 26, 12, 1);
      const alone = store(undefined, () => now);
      const merged = store(undefined, () => now);
      for (const made of [alone, merged]) {
        made.open({ id: 0, feed: 0, prefix: 'web', format: 'auto' });
        made.phase(0, 'live');
      }
      // It says nothing, but it might.
      merged.open({ id: 1, feed: 1, prefix: 'other', format: 'auto' });
      for (const [line, readAhead] of lines) {
        now += 10;
        for (const made of [alone, merged]) give(made, 0, `${line}\n`);
        alone.readTo(alone.readSeq + readAhead);
      }
      for (const made of [alone, merged]) {
        made.flush(true);
        made.read();
      }
      const rows = (of: LogStore) => Array.from({ length: of.endSeq }, (_, seq) => of.row(seq));
      expect(rows(alone)).toEqual(rows(merged));
      expect(alone.endSeq).toBe(lines.length);
    }),
  );
});

test('lines that were not read yet have their place before those of a stream that appears', () => {
  let now = Date.UTC(2026, 10, 26, 12, 1);
  const made = store(undefined, () => now);
  made.open({ id: 0, feed: 0, prefix: '', format: 'auto' });
  made.phase(0, 'live');
  give(made, 0, '2026-11-26T12:00:10Z a\n');
  expect([made.endSeq, made.readSeq]).toEqual([1, 0]);
  made.open({ id: 1, feed: 1, prefix: '', format: 'auto' });
  made.phase(1, 'live');
  give(made, 1, '2026-11-26T12:00:05Z b\n');
  now += 300;
  made.flush();
  expect(made.readSeq).toBe(2);
  expect([made.row(0).late, made.row(1).late]).toEqual([undefined, true]);
});

test('memory is bounded, and the oldest lines go first', () => {
  const small = withStreams(1, 8 * mebibyte);
  for (let block = 0; block < 400; block++) {
    give(
      small,
      0,
      Array.from({ length: 1000 }, (_, line) => `line ${block * 1000 + line} ${'x'.repeat(60)}\n`).join(''),
    );
    expect(small.used).toBeLessThan(10 * mebibyte);
  }
  small.flush(true);
  expect(small.endSeq).toBe(400_000);
  expect(small.firstSeq).toBeGreaterThan(200_000);
  expect(small.row(small.firstSeq).text).toMatch(new RegExp(`^line ${small.firstSeq} `));
});

test('a line of 100 MB is cut, what is not kept is counted, and the next one is whole', () => {
  const long = withStreams(1);
  const part = Buffer.alloc(mebibyte, 0x61);
  for (let index = 0; index < 100; index++) long.append(0, part, 0, part.length);
  give(long, 0, '\nnext\n');
  long.flush(true);
  expect(long.row(0)).toMatchObject({ cut: 100 * mebibyte - maxLineBytes, hidden: maxLineBytes - 8192 });
  expect(long.row(1).text).toBe('next');
});

test('records of several lines are shown as a whole', () => {
  const made = withStreams(1);
  give(
    made,
    0,
    '2026-11-26T12:00:00Z ERROR failed\n  at main.go:7\n  at x\n2026-11-26T12:00:01Z INFO fine\n',
  );
  made.flush(true);
  const view = new StoreView(made);
  view.setFilter({ include: [{ text: 'MAIN.GO' }] });
  view.advance(Infinity);
  const { first, end } = view.state;
  expect(view.rows(first, end).map(({ seq }) => seq)).toEqual([0, 1, 2]);
  view.setFilter({ exclude: [{ text: 'main\\.go:\\d', regex: true }], level: 'info' });
  view.advance(Infinity);
  expect(view.rows(view.state.first, view.state.end).map(({ seq }) => seq)).toEqual([3]);
});

test('a view shows what a naive filter does, before and after lines are added', () => {
  const words = fc.constantFrom('alpha', 'beta', 'Gamma', 'status=500', 'status=200', 'order_id=42', ' ');
  const lines = fc.array(
    fc.array(words, { maxLength: 6 }).map((parts) => parts.join(' ')),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(lines, lines, words, (before, after, needle) => {
      const made = withStreams(1);
      const all = [...before, ...after].map((line) => `x${line}`);
      if (before.length > 0) give(made, 0, before.map((line) => `x${line}\n`).join(''));
      made.flush(true);
      const view = new StoreView(made);
      view.setFilter({ include: [{ text: needle }] });
      view.advance(performance.now() - 1);
      if (after.length > 0) give(made, 0, after.map((line) => `x${line}\n`).join(''));
      made.flush(true);
      while (view.advance(Infinity));
      const shown = view.rows(view.state.first, view.state.end).map(({ text }) => text);
      expect(shown).toEqual(all.filter((line) => line.toLowerCase().includes(needle.toLowerCase())));
      view.find({ text: 'alpha' });
      while (view.advance(Infinity));
      expect(view.findState.count).toBe(shown.filter((line) => line.includes('alpha')).length);
    }),
  );
});

test('what is no expression is told of as it was written', () => {
  const view = new StoreView(withStreams(1));
  const filter = () => view.setFilter({ include: [{ text: 'a(b', regex: true }] });
  const cause: unknown = expect.objectContaining({ message: expect.stringContaining('`a(b`') as string });
  expect(filter).toThrow(expect.objectContaining({ code: 'USAGE', cause }) as Error);
});

test('fields are compared as numbers and as text', () => {
  const made = withStreams(1);
  give(
    made,
    0,
    '{"status":502,"path":"/a"}\nstatus=404 path=/b\n10.0.0.1 - - [26/Nov/2026:12:00:00 +0000] "GET /c HTTP/1.1" 503 7\n',
  );
  made.flush(true);
  const view = new StoreView(made);
  view.setFilter({ fields: [{ field: 'status', operator: '>=', value: '500' }] });
  view.advance(Infinity);
  expect(view.rows(view.state.first, view.state.end).map(({ seq }) => seq)).toEqual([0, 2]);
});

test('what a file holds is never taken for a record, and no cut of the bytes changes anything', () => {
  const nonce = '\x1e0123456789abcdef';
  const content = fc.array(fc.constantFrom('\x1e', nonce.slice(0, 9), 'line\n', '\x1e0123 r 1\n', 'd 1'), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(content, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (parts, sizes) => {
      const text = parts.join('');
      const wire = Buffer.from(`welcome\n${nonce} d 1\n${text}${nonce} .\nignored${nonce} l\n`, 'latin1');
      const records: string[] = [];
      let data = '';
      const reader = new FrameReader(nonce, {
        record: (kind, rest) => records.push(`${kind} ${rest}`.trim()),
        data: (bytes, start, end) => (data += bytes.toString('latin1', start, end)),
      });
      for (let at = 0, index = 0; at < wire.length; index++) {
        const size = sizes[index % sizes.length]!;
        reader.push(wire.subarray(at, at + size));
        at += size;
      }
      expect(records).toEqual(['d 1', '.', 'l']);
      expect(data).toBe(text);
    }),
  );
});

test.each([1, 2])('dates without a year go by when their lines were written, with %i streams', (count) => {
  const made = withStreams(count);
  give(made, 0, 'Nov 20 10:00:00 web app: by the moment of reading\n');
  made.written(0, Date.UTC(2024, 0, 2));
  give(made, 0, 'Dec 30 10:00:00 web app: of the year before\nJan  1 10:00:00 web app: a');
  made.written(0, Infinity);
  give(made, 0, 'nd now\n');
  made.written(0, Date.UTC(2024, 0, 2));
  give(made, 0, 'Jan  1 10:00:00 web app: without an end');
  made.phase(0, 'live');
  made.phase(0, 'ended');
  made.flush(true);
  const times = Array.from({ length: 4 }, (_, seq) => made.row(seq)).map(({ text, time }) => [
    text.slice(25),
    new Date(time!).toISOString().slice(0, 10),
  ]);
  expect(Object.fromEntries(times)).toEqual({
    'by the moment of reading': '2026-11-20',
    'of the year before': '2023-12-30',
    'and now': '2026-01-01',
    'without an end': '2024-01-01',
  });
});
