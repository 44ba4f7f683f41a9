import { describe, expect, it } from 'vitest';
import {
  readHeaders,
  readRequest,
  readWords,
  type RequestOptions,
} from '../../../../src/features/http/cli/readRequest';
import { firstHop } from '../../../../src/features/http/core/requestOn';
import type { Cli } from '../../../../src/shell/cli/cli';
import { parseInventory } from '../../../harness/inventories';

const words = (text: string, options: Partial<RequestOptions> = {}) =>
  readWords(text.split(' ').filter(Boolean), { from: 'host', ...options });
/** What is read here names no file. */
const read = (options: Partial<RequestOptions>, place: { method?: string; url?: string } = {}) =>
  readRequest({ method: undefined, url: 'localhost', ...place }, { from: 'host', ...options }, {} as Cli);

describe('the words of muster http', () => {
  it.each([
    ['web-1 http://a/', { selectors: ['web-1'], method: undefined, url: 'http://a/' }],
    ['web-1 @db DELETE http://a/', { selectors: ['web-1', '@db'], method: 'DELETE', url: 'http://a/' }],
    // A host may have the name of a method.
    ['POST http://a/', { selectors: ['POST'], method: undefined, url: 'http://a/' }],
  ])('%s', (text, expected) => expect(words(text)).toEqual(expected));

  it('are fewer where options say the rest, or no host is needed', () => {
    expect(words('web-1', { url: 'http://a/', m: 'PUT' })).toEqual({
      selectors: ['web-1'],
      method: 'PUT',
      url: 'http://a/',
    });
    expect(words('POST http://a/', { from: 'local' })).toEqual({
      selectors: [],
      method: 'POST',
      url: 'http://a/',
    });
    expect(() => words('')).toThrow('which URL?');
    expect(() => words('http://a/')).toThrow('from which hosts?');
  });
});

describe('the options of muster http', () => {
  it('describe a request', async () => {
    expect(await read({ data: ['a=1', 'b=2'], location: true, insecure: true })).toMatchObject({
      ...{ method: 'POST', maxRedirects: 10, http2: true, tls: { insecure: true } },
      headers: [['content-type', 'application/x-www-form-urlencoded']],
      body: Buffer.from('a=1&b=2'),
    });
    expect(await read({ json: '{}', header: ['Content-Type: text/x'] })).toMatchObject({
      headers: [
        ['accept', 'application/json'],
        ['Content-Type', 'text/x'],
      ],
    });
  });

  it('have headers as curl has them', () => {
    expect(readHeaders(['A: b: c ', 'B;', 'C:', 'D:e', 'E:f;'])).toEqual({
      headers: [
        ['A', 'b: c'],
        ['B', ''],
        ['D', 'e'],
        // Orange-OpenSource/hurl #3672.
        ['E', 'f;'],
      ],
      omitted: ['C'],
    });
  });

  it.each([
    [{ header: ['s3cr3t'] }, '--header: what is given is not “NAME: VALUE”'],
    [{ header: ['X: a\r\nY: b'] }, 'the value of the header X holds a line break'],
    [{ header: ['Content-Length: 1'] }, 'Muster sets the header Content-Length itself'],
    [{ data: ['a'], json: '{}' }, 'give one of --data, --json and --form'],
    [{ form: ['s3cr3t'] }, '--form: what is given is not NAME=VALUE'],
    [{ cert: 'a' }, '--cert and --key belong together'],
    [{ maxRedirs: '51' }, '--max-redirs: "51" is not a number from 0 to 50'],
  ])('%j are refused', async (options, message) => {
    const refused = expect(read(options)).rejects;
    await refused.toThrow(message);
    await refused.not.toThrow('s3cr3t');
  });

  it('name a method and a URL that can be sent', async () => {
    await expect(read({}, { method: 'G ET' })).rejects.toThrow('"G ET" is not a method that can be sent');
    const { hosts } = parseInventory('hosts:\n  a: { address: "fd00::1" }\n', 'muster.yaml');
    const urlOf = async (url: string) => firstHop(hosts.get('a')!, await read({}, { url })).url.href;
    expect(await urlOf(':8080/x')).toBe('http://localhost:8080/x');
    expect(await urlOf('{address}:80/{name}#f')).toBe('http://[fd00::1]/a');
    expect(await urlOf('HTTPS://Ä.example/')).toBe('https://xn--4ca.example/');
    await expect(urlOf('ftp://a/')).rejects.toThrow('“ftp://a/” is not a URL of http or https');
    await expect(urlOf('http://')).rejects.toThrow('is not a URL');
  });
});
