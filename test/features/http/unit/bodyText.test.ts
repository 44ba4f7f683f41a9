import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyKind, indentedJson, jsonAt, visibleText } from '../../../../src/features/http/core/bodyText';

const most = 10_000;

describe('JSON that is shown', () => {
  it('is indented, with every value as it came', () => {
    expect(indentedJson('{"a":[1,{"b":null}],"c":{},"d":[ ],"e":"{,:}\\"["}', most)).toBe(
      [
        ...['{', '  "a": [', '    1,', '    {', '      "b": null', '    }', '  ],'],
        ...['  "c": {},', '  "d": [],', '  "e": "{,:}\\"["', '}'],
      ].join('\n'),
    );
    // VoidenHQ/voiden #395, httpie/desktop #246, Huachao/vscode-restclient #1226: digits and escapes stay.
    expect(indentedJson('[174322306148984899,1.10,1e2,"a\\/b\\u00e9"]', most)).toBe(
      '[\n  174322306148984899,\n  1.10,\n  1e2,\n  "a\\/b\\u00e9"\n]',
    );
    expect(indentedJson('{"a":1,"a":2}', most)).toBe('{\n  "a": 1,\n  "a": 2\n}');
  });

  it('is the same value, and as JSON.stringify has it where that loses nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(indentedJson(text, 1e6)).toBe(JSON.stringify(value, null, 2));
        expect(indentedJson(JSON.stringify(value, null, 1), 1e6)).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });

  // Huachao/vscode-restclient #14: what cannot be formatted is shown as it came.
  it.each([
    ['what is not JSON', '{"a":1'],
    ['an error page', '<br />Fatal error'],
    ['what is nested too deep', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['what swells', `[${'1,'.repeat(5000)}1]`],
    ['nothing', ''],
  ])('is not made of %s', (_, text) => {
    expect(indentedJson(text, most)).toBeUndefined();
  });
});

describe('a value of JSON', () => {
  it('keeps the digits that JavaScript’s numbers do not have', () => {
    const body =
      '\ufeff{ "id": 12345678901234567890, "price": 1.10, "deep": { "ids": [ 1, 9007199254740993 ] } }';
    expect(jsonAt(body, ['id'])).toBe('12345678901234567890');
    expect(jsonAt(body, ['price'])).toBe('1.10');
    expect(jsonAt(body, ['deep', 'ids', '1'])).toBe('9007199254740993');
    expect(jsonAt(body, ['deep'])).toBe('{"ids":[1,9007199254740993]}');
  });

  it('is the last of those with the same name', () => {
    expect(jsonAt('{"a":1,"\\u0061":{"b":2},"c":3}', ['a', 'b'])).toBe('2');
  });

  it.each([['none'], ['0'], ['list', '3'], ['list', '01'], ['list', 'length'], ['text', '0'], ['a', 'b']])(
    'is not there at %j %j',
    (...path) => {
      expect(jsonAt('{"a":1,"list":[1,[],{}],"text":"abc"}', path)).toBeUndefined();
    },
  );

  it('is not there in what is not JSON', () => {
    expect(jsonAt('{"a":1', ['a'])).toBeNull();
  });

  it('is what JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()), (object, list) => {
        for (const value of [object, list])
          for (const [key, member] of Object.entries(value))
            expect(jsonAt(JSON.stringify(value, null, 1), [key])).toBe(JSON.stringify(member));
      }),
    );
  });
});

it('A body is what its Content-Type says', () => {
  const types = {
    'application/json; charset=utf-8': 'json',
    'application/vnd.api+json': 'json',
    'Application/Problem+JSON': 'json',
    'application/json-seq': 'text',
    'application/x-ndjson': 'text',
    'text/html': 'html',
    'image/svg+xml': 'xml',
    'application/x-yaml': 'yaml',
    'text/javascript': 'javascript',
    'text/css': 'css',
    'text/plain': 'text',
    '': 'text',
  };
  for (const [type, kind] of Object.entries(types)) expect([type, bodyKind(type)]).toEqual([type, kind]);
});

it('Control characters are seen, and none of them does anything', () => {
  expect(visibleText('a\r\nb\rc\x1b[31m\0\x7f\x9b\u202e\u2028\td\n')).toBe(
    'a\nb\u240dc\u241b[31m\u2400\u2421\ufffd\ufffd\ufffd\td\n',
  );
});
