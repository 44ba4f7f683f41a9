import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HttpResponse, ResponseParser } from '../../../../src/features/checks/core/http/responseParser';
import { MusterError } from '../../../../src/platform/errors/errors';
import { propertyRuns } from '../../../harness/propertyRuns';

interface Parse {
  method?: string;
  maxBody?: number;
  /** Sizes of the pieces that the bytes arrive in, repeated; all at once by default. */
  pieces?: readonly number[];
}

/** Feeds the bytes, then the end of the connection. */
function parse(
  bytes: string | Uint8Array,
  { method = 'GET', maxBody = 1000, pieces }: Parse = {},
): HttpResponse {
  const input = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes);
  const parser = new ResponseParser(method, maxBody);
  for (let at = 0, turn = 0; at < input.length; turn++) {
    const size = pieces ? Math.max(1, pieces[turn % pieces.length]!) : input.length;
    // A reused buffer, as the socket's is: what the parser keeps must be its own.
    const piece = Buffer.from(input.subarray(at, at + size));
    if (parser.push(piece)) break;
    piece.fill(0x21);
    at += size;
  }
  parser.end();
  return parser.response;
}

function outcome(bytes: string | Uint8Array, options?: Parse): unknown {
  try {
    const { headers, body, ...rest } = parse(bytes, options);
    return { ...rest, headers: [...headers], body: body.toString('latin1') };
  } catch (error) {
    if (!MusterError.is(error)) throw error;
    return error.code;
  }
}

const text = (response: HttpResponse) => response.body.toString('latin1');

describe('a response', () => {
  it('has a status, headers by lower-case name and a body of the stated length', () => {
    const response = parse('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A:  b \r\n\r\nokmore');
    expect(response.status).toBe(200);
    expect([...response.headers]).toEqual([
      ['content-length', '2'],
      ['x-a', 'b'],
    ]);
    expect(text(response)).toBe('ok');
    expect(response.truncated).toBe(false);
  });

  it.each([
    ['lines that end in LF alone', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
    ['no reason phrase', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok'],
    ['an HTTP/1.0 status line', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['a body that ends with the connection', 'HTTP/1.1 200 OK\r\n\r\nok'],
    [
      'interim responses before it',
      'HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 100\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok',
    ],
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\no\r\n01 ;a="b"\r\nk\r\n0\r\nX: trailer\r\n\r\n',
    ],
    [
      'the same length stated twice',
      'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok',
    ],
  ])('may come with %s', (_, bytes) => {
    const response = parse(bytes);
    expect(response.status).toBe(200);
    expect(text(response)).toBe('ok');
  });

  it('unfolds folded headers and joins repeated ones', () => {
    const { headers } = parse('HTTP/1.1 204 No\r\nA: 1\r\n\t2 \r\n  3\r\na: 4\r\n\r\n');
    expect(headers.get('a')).toBe('1 2 3, 4');
  });

  it.each([
    ['to HEAD', 'HEAD', 200],
    ['204', 'GET', 204],
    ['304', 'GET', 304],
  ])('has no body when it is an answer %s', (_, method, status) => {
    const parser = new ResponseParser(method, 10);
    expect(parser.push(Buffer.from(`HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\n`))).toBe(true);
    expect(parser.response.body).toHaveLength(0);
  });

  it('keeps no more of the body than allowed, and says so', () => {
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n';
    const sized = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef';
    for (const bytes of [chunked, sized]) {
      expect(outcome(bytes, { maxBody: 5 })).toMatchObject({ body: 'abcde', truncated: true });
      expect(outcome(bytes, { maxBody: 6 })).toMatchObject({ body: 'abcdef', truncated: false });
    }
  });
});

describe('a malformed response', () => {
  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a status line without a status', 'HTTP/1.1 OK\r\n\r\n'],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching\r\n\r\n'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nA : x\r\n\r\n'],
    ['a bare CR in a header', 'HTTP/1.1 200 OK\r\nA: x\ry\r\n\r\n'],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nA: x\0\r\n\r\n'],
    ['a fold before any header', 'HTTP/1.1 200 OK\r\n A: x\r\n\r\n'],
    ['lengths that differ', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok'],
    ['a length beyond all bounds', `HTTP/1.1 200 OK\r\nContent-Length: ${'9'.repeat(30)}\r\n\r\nok`],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    ],
    ['another transfer encoding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a chunk size that is no number', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n'],
    [
      'a chunk longer than its size',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n',
    ],
  ])('is refused: %s', (_, bytes) => {
    expect(outcome(bytes)).toBe('PROTOCOL');
    expect(outcome(bytes, { pieces: [1] })).toBe('PROTOCOL');
  });

  it.each([
    ['a header', 'HTTP/1.1 200 OK\r\nA: ', 'x'],
    ['headers', 'HTTP/1.1 200 OK\r\n', 'A: x\r\n'],
    ['interim responses', '', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['folded lines', 'HTTP/1.1 200 OK\r\nA: x\r\n', '  x\r\n'],
    ['a chunk extension', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;', 'x'],
    ['trailers', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n', 'A: x\r\n'],
  ])('cannot take unbounded memory with endless %s', (_, start, repeated) => {
    const parser = new ResponseParser('GET', 1000);
    parser.push(Buffer.from(start));
    const block = Buffer.from(repeated.repeat(1000));
    expect(() => {
      for (let sent = 0; sent < 1_000_000; sent += block.length) parser.push(block);
    }).toThrow(MusterError);
  });

  it.each([
    ['before it began', '', 'without an answer'],
    ['in the status line', 'HTTP/1.1 2', 'in the middle of the headers'],
    ['in the headers', 'HTTP/1.1 200 OK\r\nA: b\r\n', 'in the middle of the headers'],
    ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc', 'after 3 bytes of the body'],
    [
      'in a chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc',
      'after 3 bytes of the body',
    ],
    [
      'before the last chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      'after 3 bytes of the body',
    ],
  ])('is a RESET when the connection ends %s', (_, bytes, message) => {
    expect(() => parse(bytes)).toThrow(message);
    expect(outcome(bytes)).toBe('RESET');
  });
});

describe('whatever the pieces', () => {
  const header = fc.tuple(
    fc
      .stringMatching(/^[A-Za-z-]{1,12}$/)
      .filter((name) => !/^(content-length|transfer-encoding)$/i.test(name)),
    fc.stringMatching(/^[!-~ ]{0,20}$/),
  );
  const body = fc.uint8Array({ maxLength: 200 });
  const newline = fc.constantFrom('\r\n', '\n');
  const response = fc
    .record({
      status: fc.integer({ min: 200, max: 599 }),
      headers: fc.array(header, { maxLength: 5 }),
      body,
      newline,
    })
    .chain((parts) =>
      fc.record({
        parts: fc.constant(parts),
        framing: fc.constantFrom('sized', 'chunked', 'until close'),
        chunk: fc.integer({ min: 1, max: 50 }),
      }),
    );

  function bytesOf({
    parts,
    framing,
    chunk,
  }: typeof response extends fc.Arbitrary<infer T> ? T : never): Buffer {
    const { status, headers, newline: nl } = parts;
    const lines = [`HTTP/1.1 ${status} Any reason`, ...headers.map(([name, value]) => `${name}: ${value}`)];
    if (framing === 'sized') lines.push(`Content-Length: ${parts.body.length}`);
    if (framing === 'chunked') lines.push('Transfer-Encoding: chunked');
    const payload: Buffer[] = [];
    if (framing === 'chunked') {
      for (let at = 0; at < parts.body.length; at += chunk) {
        const piece = parts.body.subarray(at, at + chunk);
        payload.push(Buffer.from(piece.length.toString(16) + nl), Buffer.from(piece), Buffer.from(nl));
      }
      payload.push(Buffer.from(`0${nl}${nl}`));
    } else payload.push(Buffer.from(parts.body));
    return Buffer.concat([Buffer.from(lines.join(nl) + nl + nl, 'latin1'), ...payload]);
  }
  const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 });

  it('reads a response the same', () => {
    fc.assert(
      fc.property(response, pieces, fc.integer({ min: 0, max: 250 }), (arbitrary, sizes, maxBody) => {
        const bytes = bytesOf(arbitrary);
        const whole = outcome(bytes, { maxBody });
        expect(outcome(bytes, { maxBody, pieces: sizes })).toEqual(whole);
        if (arbitrary.parts.status === 204 || arbitrary.parts.status === 304) return;
        const sent = Buffer.from(arbitrary.parts.body).toString('latin1');
        expect(whole).toMatchObject({
          status: arbitrary.parts.status,
          body: sent.slice(0, maxBody),
          truncated: sent.length > maxBody,
        });
      }),
    );
  });

  it('treats hostile bytes the same and never fails but by a MusterError', () => {
    const fragment = fc.oneof(
      fc.constantFrom('HTTP/1.1 200 OK', '\r\n', '\n', '\r', ':', ' ', '\t', '0', 'ff', ';', ',', '\0'),
      fc.constantFrom(
        'Content-Length: 3',
        'Transfer-Encoding: chunked',
        'HTTP/1.1 100 x\r\n\r\n',
        'a: b\r\n',
      ),
      fc.string({ maxLength: 5 }),
    );
    const hostile = fc
      .array(fragment, { maxLength: 30 })
      .map((fragments) => Buffer.from(`HTTP/1.1 200 OK\r\n${fragments.join('')}`, 'latin1'));
    fc.assert(
      fc.property(fc.oneof(hostile, fc.uint8Array({ maxLength: 300 })), pieces, (bytes, sizes) => {
        expect(outcome(bytes, { pieces: sizes })).toEqual(outcome(bytes));
      }),
      { numRuns: propertyRuns(2000) },
    );
  });
});
