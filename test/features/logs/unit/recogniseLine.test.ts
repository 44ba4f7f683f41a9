import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logLevels } from '../../../../src/features/logs/core/recognise/logLevel';
import { type LogZone, namedZone, readZone } from '../../../../src/features/logs/core/recognise/logZone';
import { LineRecogniser } from '../../../../src/features/logs/core/recognise/recogniseLine';
import { propertyRuns } from '../../../harness/propertyRuns';

const now = Date.UTC(2026, 10, 26, 13);

function read(line: string, format: 'auto' | 'json' | 'logfmt' | 'clf' | 'syslog' = 'auto') {
  const recogniser = new LineRecogniser(format);
  const bytes = Buffer.from(line);
  recogniser.read(bytes, 0, bytes.length, now);
  const time = isNaN(recogniser.time) ? undefined : new Date(recogniser.time).toISOString();
  return [time, logLevels[recogniser.level]];
}

const noon = '2026-11-26T12:34:56';

describe('time and level are told from a line', () => {
  test.each([
    ['ISO 8601', `${noon}.789Z INFO started`, `${noon}.789Z`, 'info'],
    ['a zone', '2026-11-26T13:34:56+01:00 [WARN] slow', `${noon}.000Z`, 'warn'],
    ['Python', '2026-11-26 12:34:56,789 - app - ERROR - failed', `${noon}.789Z`, 'error'],
    ['log4j', '2026-11-26 12:34:56.789 DEBUG [main] c.e.App: ready', `${noon}.789Z`, 'debug'],
    ['Go', '2026/11/26 12:34:56 listening', `${noon}.000Z`, 'none'],
    ['nginx', '2026/11/26 12:34:56 [error] 7#7: *1 open() failed', `${noon}.000Z`, 'error'],
    ['a level before the time', 'ERROR 2026-11-26 12:34:56 failed', `${noon}.000Z`, 'error'],
    ['syslog', 'Nov 26 12:34:56 web-01 sshd[7]: accepted', `${noon}.000Z`, 'none'],
    ['syslog with priority', '<11>Nov 26 12:34:56 web-01 app: failed', `${noon}.000Z`, 'error'],
    ['RFC 5424', `<165>1 ${noon}.003Z web-01 app 7 ID - message`, `${noon}.003Z`, 'notice'],
    ['CLF', '10.0.0.1 - - [26/Nov/2026:13:34:56 +0100] "GET / HTTP/1.1" 502 7', `${noon}.000Z`, 'error'],
    ['Apache', '[Thu Nov 26 12:34:56.789012 2026] [core:error] [pid 7] failed', `${noon}.789Z`, 'error'],
    ['klog', 'W1126 12:34:56.789012       7 server.go:1] slow', `${noon}.789Z`, 'warn'],
    ['seconds', '1795696496.789 request', `${noon}.789Z`, 'none'],
    ['milliseconds', '1795696496789 request', `${noon}.789Z`, 'none'],
    ['nanoseconds', '1795696496789000000 request', `${noon}.789Z`, 'none'],
    ['JSON', `{"level":"error","ts":1795696496.789,"msg":"x"}`, `${noon}.789Z`, 'error'],
    ['JSON of pino', '{"level":50,"time":1795696496789,"msg":"x"}', `${noon}.789Z`, 'error'],
    [
      'JSON with nested fields',
      `{"a":{"time":"x"},"time":"${noon}Z","severity":"WARNING"}`,
      `${noon}.000Z`,
      'warn',
    ],
    ['logfmt', `time=${noon}Z level=warn msg="a level=error b"`, `${noon}.000Z`, 'warn'],
    ['a clock alone', '12:34:56.789 [main] INFO ready', undefined, 'info'],
    [
      'a clock, and a date in the message',
      '[12:34:56 ERR] no order of 2026-11-20 10:00:00',
      undefined,
      'error',
    ],
    ['no time', 'no error here', undefined, 'none'],
    ['an address', '10.0.0.1 is up', undefined, 'none'],
  ])('%s', (_, line, time, level) => {
    expect(read(line)).toEqual([time, level]);
  });
});

describe('formats of public programs', () => {
  test.each([
    ['Celery', '[2026-11-26 12:34:56,123: ERROR/MainProcess] Task x raised', `${noon}.123Z`, 'error'],
    ['Celery, a pool', '[2026-11-26 12:34:56,123: INFO/ForkPoolWorker-1] ok', `${noon}.123Z`, 'info'],
    ['zap', '2026-11-26T12:34:56.123Z\terror\ta/b.go:1\tfailed', `${noon}.123Z`, 'error'],
    ['logrus on a terminal', 'ERRO[0003] tty failed                 id=7', undefined, 'error'],
    ['logrus in colours', '\x1b[31mERRO\x1b[0m[0003] tty failed', undefined, 'error'],
    ['zerolog in colours', `\x1b[90m${noon}Z\x1b[0m \x1b[32mINF\x1b[0m ready`, `${noon}.000Z`, 'info'],
    ['loguru', '2026-11-26 12:34:56.123 | ERROR    | app:run:1 - failed', `${noon}.123Z`, 'error'],
    [
      'ECS with a dot',
      `{"@timestamp":"${noon}.123Z","log.level":"ERROR","message":"x"}`,
      `${noon}.123Z`,
      'error',
    ],
    ['ECS nested', `{"@timestamp":"${noon}Z","log":{"level":"warn"},"message":"y"}`, `${noon}.000Z`, 'warn'],
    ['a level before a colon', `${noon}Z ERROR Unhandled: TypeError: x`, `${noon}.000Z`, 'error'],
    ['Redis', '1234:M 26 Nov 2026 12:34:56.123 * Ready', `${noon}.123Z`, 'notice'],
    ['Redis, a warning', '1234:M 26 Nov 2026 12:34:56.123 # overcommit', `${noon}.123Z`, 'warn'],
    ['Redis 2', '[1234] 26 Nov 12:34:56.123 - DB 0: 1 keys', `${noon}.123Z`, 'info'],
    ['date', 'Wed May 19 08:00:01 UTC 2021 job done', '2021-05-19T08:00:01.000Z', 'none'],
    ['date elsewhere', 'Wed May 19 08:00:01 CEST 2021 job done', '2021-05-19T06:00:01.000Z', 'none'],
    ['date in a zone that is unknown', 'Wed May 19 08:00:01 XYZ 2021 job done', undefined, 'none'],
    ['ctime', 'Wed May 19 08:00:01 2021 job done', '2021-05-19T08:00:01.000Z', 'none'],
    ['Spark', '17/06/09 20:10:40 INFO Executor: spark', '2017-06-09T20:10:40.000Z', 'info'],
    ['a year of two digits', '06/09/17 20:10:40 started', undefined, 'none'],
    [
      'JSON of the journal',
      '{"__REALTIME_TIMESTAMP":"1795696496123456","PRIORITY":"3"}',
      `${noon}.123Z`,
      'error',
    ],
    ['Serilog compact', `{"@t":"${noon}.123Z","@l":"Error","@mt":"x {A}","A":1}`, `${noon}.123Z`, 'error'],
    ['Serilog', '2026-11-26 12:34:56.123 +01:00 [WRN] w', '2026-11-26T11:34:56.123Z', 'warn'],
    ['columns', '"2026-11-26" "12:34:56" x', `${noon}.000Z`, 'none'],
    ['columns of CSV', '2026-11-26,12:34:56,started', `${noon}.000Z`, 'none'],
    ['American', '11/26/2026 12:34:56 AM ERROR x', '2026-11-26T00:34:56.000Z', 'error'],
    ['.NET', '11/6/2026 1:34:56 PM x', undefined, 'none'],
    ['German', '26.11.2026 12:34:56 ERROR y', `${noon}.000Z`, 'error'],
    ['British', '26/11/2026 12:34:56 y', `${noon}.000Z`, 'none'],
    ['a day or a month', '03/04/2026 12:34:56 y', undefined, 'none'],
    ['a day, for the other one is to come', '05/12/2026 12:34:56 y', '2026-05-12T12:34:56.000Z', 'none'],
    ['without dashes', '20261126 12:34:56 ERROR z', `${noon}.000Z`, 'error'],
    ['a year with a letter', '200x-11-26 12:34:56 x', undefined, 'none'],
    ['a year with a letter in it', '20x6-11-26 12:34:56 x', undefined, 'none'],
    ['ISO, basic', '20261126T123456Z done', `${noon}.000Z`, 'none'],
    ['ISO, basic, with a fraction', '20261126T143456.789+0200 x', `${noon}.789Z`, 'none'],
    ['ISO without seconds', '2026-11-26T12:34Z done', '2026-11-26T12:34:00.000Z', 'none'],
    ['ISO without seconds, with an offset', '2026-11-26T12:34+02:00 x', '2026-11-26T10:34:00.000Z', 'none'],
    ['ISO, basic, without seconds', '20261126T1234Z', '2026-11-26T12:34:00.000Z', 'none'],
    ['a comma and a zone', `${noon},123456Z ERROR w`, `${noon}.123Z`, 'error'],
    ['PostgreSQL', '2026-11-26 13:34:56.123 CET [7] LOG:  ready', `${noon}.123Z`, 'none'],
    ['PostgreSQL, hours', '2026-11-26 07:34:56.123-05 [7] ERROR:  no', `${noon}.123Z`, 'error'],
    ['PHP', '[26-Nov-2026 13:34:56 Europe/Berlin] PHP Warning:  x', `${noon}.000Z`, 'warn'],
    ['MySQL 8', '2026-11-26T12:34:56.123456Z 0 [Warning] [MY-010068] x', `${noon}.123Z`, 'warn'],
    ['MySQL 5.6', '261126 12:34:56 [Note] ready', `${noon}.000Z`, 'none'],
    ['MongoDB', `{"t":{"$date":"${noon}.123+00:00"},"s":"E","c":"NETWORK"}`, `${noon}.123Z`, 'error'],
    [
      'log4j 2',
      '{"instant":{"epochSecond":1795696496,"nanoOfSecond":1},"level":"WARN"}',
      `${noon}.000Z`,
      'warn',
    ],
    ['Tomcat', '26-Nov-2026 12:34:56.123 SEVERE [main] org.x failed', `${noon}.123Z`, 'error'],
    ['java.util.logging', 'Nov 26, 2026 12:34:56 PM org.x.App run', `${noon}.000Z`, 'none'],
    ['Cisco', 'Nov 26 2026 12:34:56: %ASA-4-1: x', `${noon}.000Z`, 'none'],
    ['RFC 2822', 'Thu, 26 Nov 2026 13:34:56 +0100 x', `${noon}.000Z`, 'none'],
    ['HAProxy', '<14>Nov 26 12:34:56 lb haproxy[7]: 1.2.3.4:5', `${noon}.000Z`, 'info'],
    [
      'CLF of an odd address',
      '45.13.10.12 - - [26/Nov/2026:13:34:56 +0100] "GET / HTTP/1.1" 200 7',
      `${noon}.000Z`,
      'info',
    ],
    ['a day that is none', '2026-02-30 12:34:56 x', undefined, 'none'],
    ['a leap day without a year', 'Feb 29 12:34:56 web app: x', '2024-02-29T12:34:56.000Z', 'none'],
    ['syslog with a year', 'Nov 26 12:34:56 2021 web app: x', '2021-11-26T12:34:56.000Z', 'none'],
    ['syslog of last year', 'Dec 31 23:59:59 web app: x', '2025-12-31T23:59:59.000Z', 'none'],
    ['a number or a zone behind a time', '2026-11-26 12:34:56 -10 items', undefined, 'none'],
    ['a number behind a time', '2026-11-26 12:34:56 -20 items', `${noon}.000Z`, 'none'],
    ['a short number behind a time', '2026-11-26 12:34:56 -5 items', `${noon}.000Z`, 'none'],
    ['an address of hardware', `eth0 00:11:22:33:44:55 ${noon}Z up`, `${noon}.000Z`, 'none'],
    ['a path', `${noon}Z GET /error/INFO-1 ok`, `${noon}.000Z`, 'none'],
  ])('%s', (_, line, time, level) => {
    expect(read(line)).toEqual([time, level]);
  });
});

describe('what stands behind the clock and looks like a zone is understood, or the time is not recognised', () => {
  const behind: [string, string | undefined][] = [
    ...[
      'GMT+0200 (Central European Summer Time)',
      'GMT+0200',
      'UTC+2',
      'UTC+02:00',
      '(UTC+2)',
      '[UTC+2]',
    ].map((zone): [string, string] => [zone, '08:00']),
    ...['+02', '+0200', '+02:00', '+02 [7] LOG:  x', 'MESZ', 'CEST', '(CEST)', 'utc+2', 'UTC +02:00'].map(
      (zone): [string, string] => [zone, '08:00'],
    ),
    ...[
      ['MEZ', '09:00'],
      ['GMT-3', '13:00'],
      ['-03', '13:00'],
      ['UTC+5:30', '04:30'],
      ['GMT+10', '00:00'],
    ].map(([zone, time]): [string, string] => [zone!, time!]),
    ['EST', '15:00'],
    ['EDT', '14:00'],
    ['PST', '18:00'],
    ['gmt', '10:00'],
    ['Etc/GMT+2', '12:00'],
    ['America/Argentina/Buenos_Aires', '13:00'],
    ['UTC -10 items', '10:00'],
    ['BST', undefined],
    ['CST', undefined],
    ['CAT', undefined],
    ['EST5EDT', undefined],
    ['UTC+530', undefined],
    ['UTC\u22123', undefined],
    ['Europe/Atlantis', undefined],
    ['Central European Summer Time', undefined],
    ['(W. Europe Daylight Time)', undefined],
    // What is not a zone.
    ['INFO x', '10:00'],
    ['Summer is the best time', '10:00'],
    ['EST-web-01 sshd[7]: x', '10:00'],
    ['CET=7', '10:00'],
    ['(main) x', '10:00'],
    ['- x', '10:00'],
    ['-03.5 degrees', '10:00'],
  ];
  test.each(behind)('%s', (zone, time) => {
    const expected = time && `2026-06-01T${time}:00.000Z`;
    for (const line of [`2026-06-01 10:00:00 ${zone}`, `Mon Jun 01 2026 10:00:00 ${zone}`])
      expect([line, read(line)[0]]).toEqual([line, expected]);
  });

  test.each([
    ['2026-06-01 10:00:00,123 +02', '2026-06-01T08:00:00.123Z'],
    ['2026-06-01 10:00:00UTC+2 x', '2026-06-01T08:00:00.000Z'],
    ['2026-06-01 10:00:00-5 x', undefined],
    ['Mon Jun  1 10:00:00 -03 2026', '2026-06-01T13:00:00.000Z'],
    ['Mon Jun  1 10:00:00 GMT+2 2026', '2026-06-01T08:00:00.000Z'],
    ['Mon Jun  1 10:00:00 2026 +0200', '2026-06-01T08:00:00.000Z'],
    ['Mon Jun  1 10:00:00 2026 BST', undefined],
  ])('%s', (line, time) => {
    expect(read(line)[0]).toBe(time);
  });
});

describe('the zone of the host', () => {
  const recogniserIn = (zone: LogZone) => {
    const recogniser = new LineRecogniser('auto');
    recogniser.zone = zone;
    return (line: string) => {
      const bytes = Buffer.from(line);
      recogniser.read(bytes, 0, bytes.length, now);
      return [new Date(recogniser.time).toISOString().slice(0, 19), recogniser.isCertain];
    };
  };

  test('has the offset of the date, and each of the two hours when the clock is set back', () => {
    const berlin = recogniserIn({ offsetMs: 3_600_000, name: 'Europe/Berlin' });
    expect(berlin('2026-01-15 12:00:00 x')).toEqual(['2026-01-15T11:00:00', true]);
    expect(berlin('2026-07-15 12:00:00 x')).toEqual(['2026-07-15T10:00:00', true]);
    expect(berlin('2026-10-25 02:10:00 x')).toEqual(['2026-10-25T00:10:00', true]);
    expect(berlin('2026-10-25 02:59:00 x')).toEqual(['2026-10-25T00:59:00', true]);
    expect(berlin('2026-10-25 02:01:00 x')).toEqual(['2026-10-25T01:01:00', true]);
    expect(berlin('2026-03-29 03:00:00 x')).toEqual(['2026-03-29T01:00:00', true]);
    expect(berlin('2026-07-15 12:00:00Z x')).toEqual(['2026-07-15T12:00:00', true]);
  });

  test('is not claimed to be known where only one offset is', () => {
    const some = recogniserIn({ offsetMs: 3_600_000 });
    expect(some('2026-07-15 12:00:00 x')).toEqual(['2026-07-15T11:00:00', false]);
    expect(some('2026-07-15 12:00:00 UTC x')).toEqual(['2026-07-15T12:00:00', true]);
    expect(recogniserIn({ offsetMs: 0, isConstant: true })('2026-07-15 12:00:00 x')).toEqual([
      '2026-07-15T12:00:00',
      true,
    ]);
  });

  test('decides between the zones of an abbreviation, and the new year is that of the host', () => {
    const india = recogniserIn({ offsetMs: 19_800_000, name: 'Asia/Kolkata' });
    expect(india('2026-07-15 12:00:00 IST x')).toEqual(['2026-07-15T06:30:00', true]);
    expect(() => recogniserIn({ offsetMs: 0, name: 'UTC' })('2026-07-15 12:00:00 IST x')).toThrow(RangeError);
  });

  test.each([
    ['+0100 +0100 +0200 Europe/Berlin', { offsetMs: 3_600_000, name: 'Europe/Berlin' }],
    [
      '+0100 +0100 +0200 :Europe/Berlin  /usr/share/zoneinfo/Etc/UTC',
      { offsetMs: 3_600_000, name: 'Europe/Berlin' },
    ],
    ['+0100 - - /usr/share/zoneinfo/Europe/Berlin', { offsetMs: 3_600_000, name: 'Europe/Berlin' }],
    ['+0000 +0000 +0000 Europe/Berlin', { offsetMs: 0, isConstant: true }],
    ['+0100 +0100 +0200 CET-1CEST,M3.5.0,M10.5.0/3', { offsetMs: 3_600_000, isConstant: false }],
    ['+0530 +0530 +0530 /etc/localtime', { offsetMs: 19_800_000, isConstant: true }],
    ['+0100', { offsetMs: 3_600_000, isConstant: false }],
    ['no date here', { offsetMs: 0 }],
  ])('is read from what the host says: %s', (text, zone) => {
    expect(readZone(text, now)).toEqual(zone);
  });
});

test.each([
  ['across the new year', '2024-01-02T08:00Z', ['2023-12-30', '2023-12-31', '2024-01-01', '2024-01-02']],
  ['a day ahead of the clock of the file', '2023-12-31T08:00Z', ['2023-12-31', '2024-01-01']],
  ['a leap day', '2024-03-02T08:00Z', ['2024-02-28', '2024-02-29', '2024-03-01']],
  ['a leap day in a year without one', '2025-03-02T08:00Z', ['2024-02-29', '2025-03-01']],
  ['two leap days ago', '2028-02-27T08:00Z', ['2024-02-29', '2028-02-27']],
  ['a year ago to the day', '2025-11-30T08:00Z', ['2024-12-02', '2025-11-30', '2025-12-01', '2024-12-02']],
])('dates without a year are the last ones before the file was written: %s', (_, written, dates) => {
  const monthNames = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
  const recogniser = new LineRecogniser('auto');
  for (const date of dates) {
    const [, month, day] = date.split('-').map(Number);
    const line = Buffer.from(`${monthNames[month! - 1]} ${String(day).padStart(2)} 07:57:01 web app: x`);
    recogniser.read(line, 0, line.length, Date.parse(written));
    expect(new Date(recogniser.time).toISOString()).toBe(`${date}T07:57:01.000Z`);
  }
});

test.each<[string, LogZone, string, string]>([
  ['later today', { offsetMs: 0, name: 'UTC' }, 'Dec  1 23:59:59', '2025-12-01T23:59:59'],
  ['an hour from now', { offsetMs: 0, name: 'UTC' }, 'Dec  1 01:25:00', '2025-12-01T01:25:00'],
  ['a clock that is ahead a little', { offsetMs: 0, name: 'UTC' }, 'Dec  1 00:35:00', '2026-12-01T00:35:00'],
  ['yesterday', { offsetMs: 0, name: 'UTC' }, 'Nov 30 23:59:59', '2026-11-30T23:59:59'],
  [
    'a host in the east',
    { offsetMs: 32_400_000, name: 'Asia/Tokyo' },
    'Dec  1 09:24:00',
    '2026-12-01T00:24:00',
  ],
  [
    'a host in the west',
    { offsetMs: -28_800_000, isConstant: true },
    'Nov 30 16:24:00',
    '2026-12-01T00:24:00',
  ],
  ['a zone that is not known', { offsetMs: 0 }, 'Dec  1 09:24:00', '2026-12-01T09:24:00'],
])('a date without a year is the last one before the moment of reading: %s', (_, zone, clock, time) => {
  const recogniser = new LineRecogniser('auto');
  recogniser.zone = zone;
  // The second time its year is known.
  for (const line of [`${clock} web app: x`, `${clock} web app: x`].map((text) => Buffer.from(text))) {
    recogniser.read(line, 0, line.length, Date.UTC(2026, 11, 1, 0, 25));
    expect(new Date(recogniser.time).toISOString().slice(0, 19)).toBe(time);
  }
});

test.each([
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
])('a steady span of %s has the one offset that each of its times has', (name) => {
  const zone = namedZone(name)!;
  const day = 24 * 3_600_000;
  for (let local = Date.UTC(2025, 11, 20); local < Date.UTC(2027, 0);) {
    const steady = zone.steadyAround(local);
    if (steady) {
      expect(steady.from <= local && local < steady.to).toBe(true);
      for (const at of [steady.from, local, steady.to - 1]) {
        expect(zone.toUtc(at, -Infinity)).toBe(at - steady.offsetMs);
        expect(zone.toUtc(at, Infinity)).toBe(at - steady.offsetMs);
      }
    } else expect(zone.toUtc(local, Infinity)).toBeGreaterThan(zone.toUtc(local, -Infinity));
    // Most are of a whole day.
    local = steady && steady.to - steady.from === day ? steady.to : local + 7 * 60_000;
  }
});

test('a day beyond 12 settles what comes after it', () => {
  const recogniser = new LineRecogniser('auto');
  const times = ['03/04/2026 10:00:00 a', '13/04/2026 10:00:00 b', '03/05/2026 10:00:00 c'].map((line) => {
    const bytes = Buffer.from(line);
    recogniser.read(bytes, 0, bytes.length, now);
    return isNaN(recogniser.time) ? undefined : new Date(recogniser.time).toISOString().slice(0, 10);
  });
  expect(times).toEqual([undefined, '2026-04-13', '2026-05-03']);
});

test('no bytes make it throw, or look beyond the line', () => {
  const recogniser = new LineRecogniser('auto');
  const pieces = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.constantFrom(
        '{"time":',
        '2026-11-26T',
        '12:34:56',
        '[',
        '<1',
        '"',
        '\\',
        'Nov ',
        'level=',
        '1795696496',
        ' ',
        '+',
        ',',
        ...[
          '26.11.',
          '26 Nov 2026 ',
          '11/26/2026 ',
          ' PM',
          ' UTC',
          ' GMT+',
          ' (UTC-3',
          ' CEST',
          ' Summer Time',
          'T1234',
          ' Europe/Berlin',
          '\x1b[3',
          '20261126 ',
          '17/06/09 ',
        ],
      ),
    ),
  );
  fc.assert(
    fc.property(pieces, fc.uint8Array({ maxLength: 40 }), (parts, after) => {
      const line = Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)));
      recogniser.read(line, 0, line.length, now);
      const alone = [recogniser.time, recogniser.level];
      const longer = Buffer.concat([line, Buffer.from('\n'), after]);
      recogniser.read(longer, 0, line.length, now);
      expect([recogniser.time, recogniser.level]).toEqual(alone);
    }),
    { numRuns: propertyRuns(3000) },
  );
});
