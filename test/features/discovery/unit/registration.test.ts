import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { readRegistration } from '../../../../src/features/discovery/core/registration';
import { addressProblem, nameProblem } from '../../../../src/platform/inventory/hostName';
import { printable } from '../../../../src/platform/text/printable';
import { unicodeText } from '../../../harness/unicodeText';

const read = (value: string | Buffer, name = 'web-1') => readRegistration(name, Buffer.from(value as string));
const faultOf = (value: string | Buffer, name?: string) => {
  try {
    return JSON.stringify(read(value, name));
  } catch (error) {
    return (error as RangeError).message;
  }
};

describe('What registers a host', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1', {}],
    ['10.0.0.1:8080', '10.0.0.1', { port: '8080' }],
    [' web-1.example.internal:443\n', 'web-1.example.internal', { port: '443' }],
    ['web-1.example.internal.', 'web-1.example.internal', {}],
    ['2001:db8::1', '2001:db8::1', {}],
    ['[2001:db8::1]', '2001:db8::1', {}],
    ['[2001:db8::1]:8080', '2001:db8::1', { port: '8080' }],
    ['{"host":"10.0.0.1","port":8080}', '10.0.0.1', { port: '8080' }],
    ['{"address":"10.0.0.1","port":"8080"}', '10.0.0.1', { port: '8080' }],
    ['{"addr":"10.0.0.1:8080"}', '10.0.0.1', { port: '8080' }],
    ['{"addr":"10.0.0.1:8080","port":null}', '10.0.0.1', { port: '8080' }],
    ['{"Op":0,"Addr":"10.0.0.1:8080","Metadata":{"zone":"a"}}', '10.0.0.1', { zone: 'a', port: '8080' }],
    ['{"Op":0,"Addr":"10.0.0.1:8080","Metadata":"v1"}', '10.0.0.1', { port: '8080' }],
    ['{"Address":"db","Tags":["primary","zone=a"]}', 'db', { primary: 'true', zone: 'a' }],
    ['{"host":"db","labels":{"n":1,"ok":true,"deep":{"a":1},"none":null}}', 'db', { n: '1', ok: 'true' }],
    ['{"host":"db","port":1,"labels":{"port":"2"}}', 'db', { port: '1' }],
  ])('is %s', (value, address, labels) => {
    expect(read(value)).toEqual({ name: 'web-1', address, labels });
  });

  it.each([
    ['', 'it has no address'],
    ['-oProxyCommand=x', '“-oProxyCommand=x” is neither a host name nor an IP address'],
    ['10.0.0.1; id', '“10.0.0.1; id” is neither a host name nor an IP address'],
    ['a\nb', '“a b” is neither a host name nor an IP address'],
    ['web\u001b[31m-1', 'its address has characters that cannot be seen'],
    ['web\u202e-1', 'its address has characters that cannot be seen'],
    ['10.0.0.1:0', 'its port is not a number from 1 to 65535'],
    ['10.0.0.1:99999', 'its port is not a number from 1 to 65535'],
    ['{"host":"a","port":"22; id"}', 'its port is not a number from 1 to 65535'],
    ['http://10.0.0.1:80/', /is a URL/],
    ['999.1.1.1', /is not a valid IPv4 address/],
    ['{"port":80}', /names no address/],
    ['{"host":["a"]}', /names no address/],
    ['{"host"', /is not JSON/],
    ['x'.repeat(16 * 1024 + 1), 'the value has 16385 bytes, and may have 16384'],
  ])('is not %s', (value, fault) => {
    expect(faultOf(value)).toMatch(fault);
  });

  it('is not what is no text', () => {
    expect(faultOf(Buffer.from([0xff, 0xfe]))).toBe('the value is not text');
  });

  it.each([
    '',
    'all',
    '-oProxyCommand=x',
    'a/b',
    'a b',
    '..',
    'a\u001b[0m',
    '*',
    'web-[1:9]',
    'x'.repeat(254),
  ])('has a name such as a file may have, not “%s”', (name) => {
    expect(faultOf('10.0.0.1', name)).toMatch(/name/);
  });

  it('says nothing of how it is reached', () => {
    const value =
      '{"host":"a","transport":"local","ssh":{"proxyCommand":"id"},"proxyJump":"x","user":"root","__proto__":{"x":1}}';
    expect(read(value)).toEqual({ name: 'web-1', address: 'a', labels: {} });
  });

  it('keeps the host without the labels that cannot be shown, and names them', () => {
    const labels = { good: 'a', 'bad name': 'b', long: 'x'.repeat(254), turned: 'a\u202eb', line: 'a\nb' };
    expect(read(JSON.stringify({ host: 'a', labels }))).toEqual({
      ...{ name: 'web-1', address: 'a', labels: { good: 'a' } },
      leftOut: ['bad name', 'long', 'turned', 'line'],
    });
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`l${index}`, 'x']));
    const found = read(JSON.stringify({ host: 'a', labels: many }));
    expect([Object.keys(found.labels).length, found.leftOut?.length]).toEqual([64, 6]);
  });

  it('is a host that a file may have, or is refused, whatever is written', () => {
    const texts = fc.oneof(
      unicodeText(),
      fc.webAuthority({ withPort: true }),
      fc.json(),
      fc
        .record({ host: fc.string(), port: fc.anything(), labels: fc.dictionary(fc.string(), fc.string()) })
        .map((one) => JSON.stringify(one)),
    );
    fc.assert(
      fc.property(unicodeText(), texts, (name, text) => {
        let found;
        try {
          found = read(text, name);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(nameProblem(found.name)).toBeUndefined();
        expect(addressProblem(found.address)).toBeUndefined();
        for (const part of [found.address, ...Object.keys(found.labels), ...Object.values(found.labels)])
          expect(printable(part, 300)).toBe(part);
      }),
    );
  });
});
