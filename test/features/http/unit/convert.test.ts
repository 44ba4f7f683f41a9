import { describe, expect, it } from 'vitest';
import { fromCurl, toCurl } from '../../../../src/features/http/core/convert/curl';
import { curlToFile } from '../../../../src/features/http/core/convert/curlToFile';
import { harToFile } from '../../../../src/features/http/core/convert/har';
import { shellWords } from '../../../../src/features/http/core/convert/shellWords';
import { parseHttpFile } from '../../../../src/features/http/core/file/httpFile';
import type { HttpRequest } from '../../../../src/features/http/core/httpRequest';

describe('words of a shell', () => {
  it.each([
    [`a 'b c' "d \\"e\\" \\\\" f\\ g`, ['a', 'b c', 'd "e" \\', 'f g']],
    [`a'b'"c"$'d\\n\\'\\x41\\u00e9'`, ["abcd\n'Aé"]],
    ['a \\\n  b\r\n', ['a', 'b']],
    [`'' ""`, ['', '']],
    ['https://a/?b=$ 1$', ['https://a/?b=$', '1$']],
  ])('%j', (line, words) => expect(shellWords(line)).toEqual(words));

  it.each(['a $(id)', 'a `id`', '"$HOME"', 'a; b', 'a | b', 'a > b', "'open", 'a & b'])(
    '%s is for a shell',
    (line) => {
      expect(() => shellWords(line)).toThrow('for a shell to work out');
    },
  );
});

describe('a command of curl', () => {
  it('is read as browsers copy it', () => {
    const command = `curl 'https://a.example/x?y=1' \\
  -X 'PUT' \\
  -H 'content-type: application/json' \\
  -H 'Content-Length: 7' \\
  -b 'sid=1; x=2' \\
  --data-raw $'{"a":"\\u0021\\'"}' \\
  --compressed --insecure -sSL`;
    expect(fromCurl(command)).toEqual({
      ...{ url: 'https://a.example/x?y=1', method: 'PUT', compressed: true, insecure: true, location: true },
      header: ['content-type: application/json', 'Cookie: sid=1; x=2'],
      data: [Buffer.from(`{"a":"!'"}`)],
    });
  });

  it('has data of files, encoded data, and data that goes into the query', () => {
    expect(fromCurl('curl -d @f -d b=1 http://a').data).toEqual(['@f', Buffer.from('b=1')]);
    expect(fromCurl('curl --data-raw @f http://a').data).toEqual([Buffer.from('@f')]);
    expect(fromCurl('curl -G -d a=1 --data-urlencode "b=c d&e" http://a/?x=y')).toEqual({
      ...{ url: 'http://a/?x=y&a=1&b=c%20d%26e', header: [] },
    });
    expect(fromCurl('curl -u me:pass -XPOST http://a')).toMatchObject({
      ...{ method: 'POST', header: [`Authorization: Basic ${btoa('me:pass')}`] },
    });
  });

  // curlconverter #250, curl-to-postman #103, shell-quote #32 and scrapy #5899.
  it.each([
    [`$'test\\\\n'`, 'test\\n'],
    [`$'\\n'`, '\n'],
    ['$\'{"a":"${field}"}\'', '{"a":"${field}"}'],
    [`$'a\\'b\\tc\\x41 $5'`, "a'b\tcA $5"],
    [`$'Filter\\u0021]'`, 'Filter!]'],
  ])('has %s as bash has it', (word, body) => {
    expect(fromCurl(`curl --data-binary ${word} http://a`).data).toEqual([Buffer.from(body)]);
  });

  it.each([
    ['wget http://a', 'does not begin with curl'],
    ['curl', 'has no URL'],
    ['curl http://a http://b', 'a second URL has no counterpart'],
    ['curl --proxy x http://a', '--proxy has no counterpart'],
    ['curl -b jar http://a', 'cookies of a file'],
    ['curl http://a -H', '-H without a value'],
  ])('%s is refused', (command, message) => {
    expect(() => fromCurl(command)).toThrow(message);
  });

  it('is written so that it is read as the same', () => {
    const request: HttpRequest = {
      ...{
        url: '',
        method: 'POST',
        headers: [],
        from: 'host',
        http2: false,
        maxRedirects: 3,
        compressed: true,
      },
      ...{ socket: '/run/a b.sock', tls: { insecure: true } },
    };
    const hop = {
      ...{ url: new URL('http://a/?b=c'), method: 'POST', body: Buffer.from("it's\n") },
      headers: [
        ['x-a', '1'],
        ['authorization', 'Bearer abc'],
      ] as const,
    };
    const line = toCurl(hop, request, true);
    expect(fromCurl(line)).toEqual({
      ...{ url: 'http://a/?b=c', header: ['x-a: 1', 'authorization: Bearer abc'], data: [hop.body] },
      ...{
        unixSocket: '/run/a b.sock',
        insecure: true,
        compressed: true,
        location: true,
        maxRedirs: '3',
        'http1.1': true,
      },
    });
    expect(toCurl(hop, request)).not.toContain('abc');
    expect(() => toCurl({ ...hop, body: Buffer.from([255]) }, request)).toThrow('not text');
  });
});

describe('a command of curl as a request of a file', () => {
  it('has what curl would send, without what logs in', () => {
    // Of Huachao/vscode-restclient #790: what a browser copies is sent as POST.
    const text = curlToFile(
      `curl 'http://localhost:8010/api/v2/job/5/run' \\
  -H 'Connection: keep-alive' \\
  -H 'Authorization: Bearer eyJ0eXAi.eyJ1c2Vy.abc' \\
  -H 'Content-Type: application/json;charset=UTF-8' \\
  --data-raw '{"a":1}' --compressed`,
    );
    expect(text).toBe(`### POST /api/v2/job/5/run
# @no-redirect
POST http://localhost:8010/api/v2/job/5/run
Authorization: {{$secret AUTHORIZATION}}
Content-Type: application/json;charset=UTF-8

{"a":1}
`);
    expect(parseHttpFile(text).problems).toEqual([]);
    expect(curlToFile('curl -L localhost:8080 -d a=1 -d b=2')).toBe(
      '### POST /\nPOST http://localhost:8080/\ncontent-type: application/x-www-form-urlencoded\n\na=1&b=2\n',
    );
    expect(curlToFile(`curl --json '{"a":1}' http://a/`)).toContain('accept: application/json\n\n{"a":1}');
  });

  it.each([
    ['curl -k https://a/', '--insecure'],
    ['curl --unix-socket /run/a http://a/', '--unix-socket'],
    ['curl -F a=1 http://a/', '--form'],
    ['curl -d @file http://a/', 'data of a file'],
  ])('%s is refused', (command, what) => {
    expect(() => curlToFile(command)).toThrow(`a file of requests has no way to write ${what}`);
  });
});

describe('an archive of requests', () => {
  const archive = (...requests: object[]) =>
    JSON.stringify({ log: { entries: requests.map((request) => ({ request })) } });

  it('becomes a file of requests without what logs in', () => {
    const text = harToFile(
      archive({
        ...{ method: 'POST', url: 'https://me:pw@a.example/x?token=t0k3n-12&q=a%20b#frag' },
        headers: [
          { name: ':authority', value: 'a.example' },
          { name: 'Authorization', value: 'Bearer s3cr3t' },
          { name: 'content-type', value: 'application/json' },
          { name: 'sec-fetch-mode', value: 'cors' },
        ],
        postData: { mimeType: 'application/json', text: '{"password":"hunter2hunter2"}' },
      }),
    );
    expect(text).not.toMatch(/s3cr3t|hunter2|t0k3n|me:pw/);
    const { requests, problems } = parseHttpFile(text);
    expect(problems).toEqual([]);
    expect(requests).toMatchObject([
      {
        ...{ method: 'POST', url: 'https://a.example/x?token={{$secret TOKEN}}&q=a%20b' },
        headers: [
          { name: 'Authorization', value: '{{$secret AUTHORIZATION}}' },
          { name: 'content-type', value: 'application/json' },
        ],
      },
    ]);
  });

  it('leaves out what would be another request there', () => {
    const inject = { method: 'GET', url: 'http://a/', postData: { text: 'a\n### b\nDELETE http://c/' } };
    const { requests } = parseHttpFile(
      harToFile(archive(inject, { method: 'GET /x\nDELETE', url: 'http://a/' })),
    );
    expect(requests).toEqual([]);
    const names = ['### a', '#a', 'DELETE http://c/?x', '@base', 'X-A'];
    const headers = names.map((name) => ({ name, value: 'v' }));
    expect(parseHttpFile(harToFile(archive({ method: 'GET', url: 'http://a/', headers })))).toMatchObject({
      ...{ problems: [], requests: [{ method: 'GET', headers: [{ name: 'X-A' }] }] },
    });
    expect(() => harToFile('{}')).toThrow('not an archive of requests');
  });
});
