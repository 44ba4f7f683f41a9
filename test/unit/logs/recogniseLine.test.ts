import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logLevels } from '../../../src/core/logs/logLevel';
import { LineRecogniser } from '../../../src/core/logs/recogniseLine';

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
    ['Apache', '[Thu Nov 26 12:34:56.789012 2026] [core:error] [pid 7] failed', `${noon}.789Z`, 'none'],
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
    ['a clock alone', '12:34:56.789 [main] INFO ready', `${noon}.789Z`, 'info'],
    ['no time', 'no error here', undefined, 'none'],
    ['an address', '10.0.0.1 is up', undefined, 'none'],
  ])('%s', (_, line, time, level) => {
    expect(read(line)).toEqual([time, level]);
  });
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
    { numRuns: 3000 },
  );
});
