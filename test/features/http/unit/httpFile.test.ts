import { describe, expect, it } from 'vitest';
import { expectationsOf } from '../../../../src/features/http/core/file/expectations';
import { fillIn, type Values } from '../../../../src/features/http/core/file/fillIn';
import { parseHttpFile } from '../../../../src/features/http/core/file/httpFile';
import { requestOfFile, requestsUpTo } from '../../../../src/features/http/core/file/requestOfFile';
import type { KeptResponse } from '../../../../src/features/http/core/httpBatch';
import type { TlsSettings } from '../../../../src/platform/tls/tlsSettings';
import { firstHop } from '../../../../src/features/http/core/requestOn';
import { parseInventory } from '../../../harness/inventories';
import { scratchFolder } from '../../../harness/scratchFolder';
import { untilTestEnds } from '../../../harness/untilTestEnds';

const answer = {
  headers: { 'x-token': 'h34der', 'set-cookie': ['a=1', 'b=2'] },
  body: '{"token":"t0k3n","list":[{"a b":7}],"deep":{"x-y":null}}',
} as unknown as KeptResponse;

const values = (text = '', given: Record<string, string> = {}): Values => ({
  ...{ variables: parseHttpFile(text).variables, given },
  secret: (name) => Promise.resolve(name === 'PASS' ? 's3cr3t' : undefined),
  response: (name) => (name === 'login' ? answer : undefined),
});

const whole = { from: 'host', http2: true, compressed: false } as const;

describe('a file of requests', () => {
  it('has requests between ###, with names, titles, headers and bodies', () => {
    const { requests, problems, variables } = parseHttpFile(
      [
        ...['@base = http://localhost:8080', '@path={{base}}/v1', ''],
        ...['### Log in', '# @name login', '// a comment', 'POST {{base}}/login HTTP/1.1'],
        ...['Content-Type: application/json', '# another', 'X-A:1', '', '{', '', '  "a": 1', '}', ''],
        ...['###', '# @no-redirect', '# @hosts web-* @db', 'GET {{path}}/a', '    ?b=c', '    &d=e', ''],
        ...['####', 'https://example.com/', ''],
      ].join('\r\n'),
    );
    expect(problems).toEqual([]);
    expect(variables.get('path')).toEqual({ value: '{{base}}/v1', line: 2 });
    expect(requests).toMatchObject([
      {
        ...{ name: 'login', title: 'Log in', line: 7, method: 'POST', url: '{{base}}/login' },
        headers: [
          { name: 'Content-Type', value: 'application/json', line: 8 },
          { name: 'X-A', value: '1', line: 10 },
        ],
        body: ['{', '', '  "a": 1', '}'].map((text) => ({ kind: 'text', text })),
        ...{ followsRedirects: true, hosts: [] },
      },
      { url: '{{path}}/a?b=c&d=e', followsRedirects: false, hosts: ['web-*', '@db'], body: [] },
      { method: 'GET', url: 'https://example.com/' },
    ]);
  });

  it.each([
    ['GET http://a/\nno header', 2, '“no header” is not a header: an empty line ends them'],
    ['FETCH http://a/', 1, '“FETCH” is not a method that is known'],
    ['just words here', 1, '“just words here” is not a request: write METHOD URL'],
    ['# @name a b\nGET http://a/', 1, '“a b” is not a name of letters, digits, “_” and “-”'],
    ['# @name a\nGET http://a/\n###\n# @name a\nGET http://b/', 4, 'another request has the name “a”'],
    ['@a = 1\n@a = 2', 2, 'the variable “a” has another value in line 1'],
    ['# @expect status: 200', 1, 'there is no request that this is expected of'],
    ['GET http://a/\n\n> {% client.test() %}', 3, expect.stringContaining('scripts are not run')],
    ['GET http://a/\n\n> {%\nclient', 1, 'a script has no end'],
    ['# @cacert\nGET http://a/', 1, '“# @cacert” names no file'],
    ['GET https://a/\n# @key k.pem', 2, '“# @cert” and “# @key” belong together'],
  ])('%j has the problem in line %i', (text, line, message) => {
    expect(parseHttpFile(text).problems).toContainEqual({ line, message });
  });

  it.each([
    ['GET http://a/\n\nGET http://b/\n', 3],
    ['GET http://a/\nGET {{b}}/x HTTP/1.1\n', 2],
    ['GET http://a/\nhttp://b/\n', 2],
    ['GET http://a/\n\nhttp://b/\n', 3],
    ['POST http://a/\nContent-Type: application/json\n\n{}\n\n# @name b\nDELETE /b\nHost: c\n', 7],
  ])('%j has another request in line %i without ### before it', (text, line) => {
    expect(parseHttpFile(text).problems).toEqual([
      { line, message: expect.stringMatching(/looks like another request: write ### before it/) },
    ]);
  });

  it.each([
    'POST http://a/\n\nhttp://b/',
    'POST http://a/\n\nlog:\nGET http://b/',
    'POST http://a/$batch\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/http\n\nGET /x HTTP/1.1\n\n--b--',
    'POST http://a/\n\nPOST haste makes waste',
  ])('%j is one request', (text) => {
    const { problems, requests } = parseHttpFile(text);
    expect({ problems, count: requests.length }).toEqual({ problems: [], count: 1 });
  });

  it('says how its server is reached, with files of its own folder', async () => {
    const { path } = untilTestEnds(await scratchFolder({ 'tls/ca.pem': '', 'c.pem': '', '{name}.pem': '' }));
    const made = (text: string, given: { socket?: string; tls?: TlsSettings } = {}) =>
      requestOfFile(parseHttpFile(text).requests[0]!, values('@run = /run'), path, { ...whole, ...given });
    const text =
      '# @unix-socket {{run}}/{name}.sock\n# @cacert ./tls/ca.pem\n# @cert c.pem\n# @key {name}.pem\nGET https://a/';
    const own = { ca: `${path}/tls/ca.pem`, cert: `${path}/c.pem`, key: `${path}/{{name}}.pem` };
    expect(await made(text)).toMatchObject({
      ...{ socket: '/run/{name}.sock', tls: { ...own, insecure: false } },
    });
    const given = { ca: 'other.pem', cert: '/c', key: '/k', insecure: false };
    expect(await made(text, { socket: '/s', tls: given })).toMatchObject({ socket: '/s', tls: given });
    for (const tag of ['insecure', 'no-reject-unauthorized'])
      expect(await made(`# @${tag}\nGET https://a/`)).toMatchObject({ tls: { insecure: true } });
    await expect(made('\n# @cacert ../ca.pem\nGET https://a/')).rejects.toThrow(
      'line 2: cannot read ../ca.pem: ',
    );
    await expect(made('# @cert /etc/passwd\n# @key c.pem\nGET https://a/')).rejects.toThrow(
      'line 1: /etc/passwd is not in the folder of this file',
    );
  });

  it('takes markup for a body, and a file only after a blank', () => {
    const [request] = parseHttpFile('POST http://a/\n\n<note a="b">\n< ./a.json\n<@ ./b.json').requests;
    expect(request!.body).toEqual([
      { kind: 'text', text: '<note a="b">' },
      { kind: 'file', path: './a.json', line: 4, isTemplate: false },
      { kind: 'file', path: './b.json', line: 5, isTemplate: true },
    ]);
  });

  it('expects what checks expect, in YAML', () => {
    const expectOf = (text: string) => expectationsOf(parseHttpFile(`GET http://a/\n${text}`).requests[0]!);
    expect(expectOf('# @expect status: [200, 2xx]\n# @expect json: { $.a: 1 }').expected).toMatchObject({
      ...{ status: [200, '2xx'], json: [{ path: '$.a', expected: 1 }] },
    });
    expect(expectOf('')).toEqual({ problems: [] });
    expect(expectOf('# @expect status: 200\n# @expect stauts: 200').problems).toEqual([
      { line: 3, message: expect.stringContaining('stauts') },
    ]);
    expect(expectOf('# @expect body: [').problems[0]!.line).toBe(2);
  });
});

describe('what other clients were reported for', () => {
  // Huachao/vscode-restclient #264, #104, #476 and #1153, unkn0wn-root/resterm #160.
  const url = async (text: string) =>
    (await requestOfFile(parseHttpFile(text).requests.at(-1)!, values(text), '/', whole)).url;

  it('is right here', async () => {
    const spaced =
      '@auth = Basic user pass word\n@a = http://a\nGET {{ a }}/x HTTP/1.1\nAuthorization: {{auth}}';
    const { problems, requests } = parseHttpFile(spaced);
    expect(problems).toEqual([]);
    const request = await requestOfFile(requests[0]!, values(spaced), '/', whole);
    expect(request).toMatchObject({
      url: 'http://a/x',
      headers: [['Authorization', 'Basic user pass word']],
    });
    expect(
      await url('###\n@t = {{login.response.headers.X-Token}}\n\n# @name b\nPOST http://a/{{t}}\n'),
    ).toBe('http://a/h34der');
    expect(await url('###\n\nGET http://127.0.0.1:5001/games HTTP/1.1\n\n\n###\n')).toBe(
      'http://127.0.0.1:5001/games',
    );
    const { hosts } = parseInventory('hosts: { a: { address: b } }', 'muster.yaml');
    const quoted = { url: await url('@base = "https://a"\nGET {{base}}/x'), method: 'GET', headers: [] };
    const rest = { ...whole, maxRedirects: 0 };
    expect(() => firstHop(hosts.get('a')!, { ...quoted, ...rest })).toThrow('“"https://a"/x” is not a URL');
  });
});

describe('variables of a file', () => {
  const text = async (template: string, ...rest: Parameters<typeof values>) =>
    (await fillIn(template, values(...rest))).text;

  it('stand for values of the file, of who sends, and for what was answered', async () => {
    const file = '@a = {{b}}!\n@b = 1';
    expect(await text('{{a}} {{ b }}', file)).toBe('1! 1');
    expect(await text('{{a}}', file, { b: '2' })).toBe('2!');
    expect(await text('{{login.response.body.$.token}} {{login.response.headers.X-Token}}')).toBe(
      't0k3n h34der',
    );
    expect(await text(`{{login.response.body.$.list[0]['a b']}} {{login.response.body.$.deep}}`)).toBe(
      '7 {"x-y":null}',
    );
    expect(await text('{{login.response.body.*}}')).toBe(answer.body);
    expect(await text('{"a":{"b":{}}}')).toBe('{"a":{"b":{}}}');
  });

  it('are made when they are asked for', async () => {
    expect(await text('{{$guid}}')).toMatch(/^[\da-f]{8}-/);
    expect(await text('{{$timestamp}}')).toMatch(/^\d{10}$/);
    expect(await text('{{$randomInt 5 6}}')).toBe('5');
    expect(await text('{{$datetime iso8601}}')).toMatch(/^\d{4}-.*Z$/);
  });

  it('that are secrets are known to be', async () => {
    const { secrets } = await fillIn('{{$secret PASS}} {{login.response.body.$.token}}', values());
    expect(secrets).toEqual(['s3cr3t', 't0k3n']);
  });

  it.each([
    ['{{none}}', '{{none}} stands for nothing: define it with @NAME = VALUE'],
    ['{{$secret NONE}}', 'the secret “NONE” is not known'],
    ['{{$randomInt 6 5}}', '{{$randomInt 6 5}} stands for nothing: define it with @NAME = VALUE'],
    ['{{constructor}}', '{{constructor}} stands for nothing: define it with @NAME = VALUE'],
    [
      '{{login.response.body.$.none}}',
      '{{login.response.body.$.none}} stands for nothing: the response has no such value',
    ],
    ['{{login.response.body.$..token}}', '$..token is not a path of names and numbers'],
    ['{{login.response.body.$.constructor}}', expect.stringContaining('the response has no such value')],
    ['{{other.response.body.$.a}}', expect.stringContaining('“other” has not been sent')],
    ['{{a}}', 'the variable “a” stands for itself'],
  ])('%s stands for nothing', async (template, message) => {
    await expect(fillIn(template, values('@a = {{b}}\n@b = {{a}}'))).rejects.toMatchObject({
      code: 'USAGE',
      message,
    });
  });
});

describe('a request of a file', () => {
  const folder = async (files: Record<string, string> = {}) => untilTestEnds(await scratchFolder(files)).path;
  const made = async (text: string, place: string) =>
    requestOfFile(parseHttpFile(text).requests[0]!, values(text), place, whole);

  it('is filled in, its files with variables only where it says so', async () => {
    const place = await folder({ 'sub/a.txt': '{{x}}', 'b.txt': '{{x}}' });
    const { body, url, headers, maxRedirects } = await made(
      '@x = 1\nPOST http://a/{{x}}\nX-A: {{x}}\n\nbegin {{x}}\n< ./sub/a.txt\n<@ b.txt\n',
      place,
    );
    expect(body!.toString()).toBe('begin 1\n{{x}}\n1');
    expect({ url, headers, maxRedirects }).toEqual({
      url: 'http://a/1',
      headers: [['X-A', '1']],
      maxRedirects: 10,
    });
  });

  it('has the server of its Host header, a form in one line, and parts with the ends that mail has', async () => {
    const place = await folder();
    expect((await made('GET /a\nHost: example.com:443', place)).url).toBe('https://example.com:443/a');
    const form = 'POST http://a/\nContent-Type: application/x-www-form-urlencoded\n\na=1\n&b=2\n';
    expect((await made(form, place)).body!.toString()).toBe('a=1&b=2');
    const parts = 'POST http://a/\nContent-Type: multipart/form-data; boundary=x\n\n--x\n\na\n--x--\n';
    expect((await made(parts, place)).body!.toString()).toBe('--x\r\n\r\na\r\n--x--');
  });

  it.each(['../outside.txt', '/etc/passwd', 'link.txt'])(
    'sends no file outside of its folder: %s',
    async (name) => {
      const place = await folder({ 'in/x': '', 'outside.txt': 'secret' });
      const { symlink } = await import('node:fs/promises');
      await symlink('../outside.txt', `${place}/in/link.txt`);
      await expect(made(`POST http://a/\n\n< ${name}`, `${place}/in`)).rejects.toMatchObject({
        ...{ code: 'USAGE', message: `line 3: ${name} is not in the folder of this file` },
      });
      await expect(made('POST http://a/\n\n< none', `${place}/in`)).rejects.toMatchObject({
        message: 'line 3: cannot read none: there is no such file',
      });
    },
  );

  it('comes after those that it needs', () => {
    const order = (text: string) => {
      const file = parseHttpFile(text);
      return requestsUpTo(file.requests.at(-1)!, file).map(({ url }) => url);
    };
    const login = '# @name login\nPOST http://login/\n###\n';
    expect(order(`@t = {{login.response.body.$.t}}\n${login}GET http://b/\nX: {{t}}`)).toEqual([
      'http://login/',
      'http://b/',
    ]);
    expect(order(`${login}GET http://c/`)).toEqual(['http://c/']);
    expect(() => order('# @name a\nGET http://{{a.response.body.*}}/')).toThrow(
      'line 2: the request needs its own response',
    );
    expect(() => order('GET http://{{a.response.body.*}}/')).toThrow('line 1: no request has the name “a”');
  });
});
