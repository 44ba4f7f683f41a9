import { describe, expect, it } from 'vitest';
import { messageFirst, type ToldOfLine } from '../../../../src/features/logs/core/recognise/messageFirst';

const shown = (line: string, told: Partial<ToldOfLine> = {}) => {
  const read = messageFirst(line, { hasTime: true, hasLevel: true, ...told });
  return read && [read.text.slice(0, read.length), read.text.slice(read.length).trim()];
};

describe('A structured line for reading', () => {
  it('is its message, and after it the fields that no column has', () => {
    const line =
      '{"time":"2026-11-30T22:01:02Z","level":"info","host":"web-1","msg":"served /cart","status":200,"user":{"id":7}}';
    expect(shown(line)).toEqual(['served /cart', 'host=web-1 status=200 user={"id":7}']);
    expect(shown('ts=2026-11-30T22:01:02Z level=warn caller=main.go:7 msg="slow query" took=7ms')).toEqual([
      'slow query',
      'caller=main.go:7 took=7ms',
    ]);
  });

  it('keeps a time and a level that were not recognised, and all where several could be it', () => {
    const line = '{"ts":"soon","level":"odd","msg":"a","timestamp":"2026-11-30T22:01:02Z"}';
    expect(shown(line, { hasTime: false, hasLevel: false })).toEqual([
      'a',
      'ts=soon level=odd timestamp=2026-11-30T22:01:02Z',
    ]);
    expect(shown('{"msg":"a","s":"Smith","time":"2026-11-30T22:01:02Z","date":"2026-11-30"}')).toEqual([
      'a',
      's=Smith time=2026-11-30T22:01:02Z date=2026-11-30',
    ]);
    expect(
      shown('{"at":1796076062,"sev":2,"text":"b","time":3}', {
        fields: { time: 'at', level: 'sev', message: 'text' },
      }),
    ).toEqual(['b', 'time=3']);
  });

  it('has its escapes as characters where these can be shown, and values in quotes where they need them', () => {
    const line = String.raw`{"msg":"caf\u00e9 \"42\" C:\\tmp\u202e\u001b[2J\nnext","a":"x y","b":"","c":"k=v","d":null,"e":"\/"}`;
    expect(shown(line)).toEqual([
      String.raw`café "42" C:\tmp\u202e\u001b[2J\nnext`,
      'a="x y" b="" c="k=v" d=null e=/',
    ]);
  });

  it('loses nothing of a line that is cut off, or goes on as text', () => {
    expect(shown('{"msg":"a","b":1,"stack":"main.f')).toEqual(['a', 'b=1  ,"stack":"main.f']);
    expect(shown('msg=a b=1 and so on c=2')).toEqual(['a', 'b=1  and so on c=2']);
  });

  it('is as it came without a message', () => {
    expect(shown('{"status":200}')).toBeUndefined();
    expect(shown('{"msg":{"inner":1}}')).toBeUndefined();
    expect(shown('2026-11-30 INFO served msg=42')).toBeUndefined();
    expect(shown('')).toBeUndefined();
  });

  it('is found behind thousands of nested fields', () => {
    const line = `{${Array.from({ length: 2000 }, (_, index) => `"k${index}":[[{"a":"\\""}]]`).join()},"msg":"a"}`;
    expect(shown(line)?.[0]).toBe('a');
  });
});
