import { describe, expect, it } from 'vitest';
import { messageRange } from '../../../../src/features/logs/core/recognise/messageRange';

const messageOf = (text: string, own?: string) => {
  const range = messageRange(text, own);
  return range && text.slice(...range);
};

describe('The message of a line', () => {
  it('is found in JSON and logfmt, whatever stands before it', () => {
    expect(messageOf('{"level":"info","msg":"served \\"42\\"","took":7}')).toBe('served \\"42\\"');
    expect(messageOf('  {"took": 7, "message" : "served", "tags": ["a:b"]}')).toBe('served');
    expect(messageOf('time=2026-11-26T12:00:00Z level=info msg="served 42" took=7ms')).toBe('served 42');
    expect(messageOf('level=info msg=served took=7ms')).toBe('served');
  });

  it('is that of the line, and not of something in it', () => {
    expect(messageOf('{"error":{"message":"inner"},"msg":"outer"}')).toBe('outer');
    expect(messageOf('{"tags":["message","x"],"list":[{"msg":"inner"}]}')).toBeUndefined();
    expect(messageOf('{"event":"order.served","message":"served"}')).toBe('served');
  });

  it('has the name that muster.yaml says', () => {
    expect(messageOf('{"msg":"a","text":"b"}', 'text')).toBe('b');
    expect(messageOf('{"msg":"a"}', 'text')).toBeUndefined();
  });

  it('is nowhere in lines of other kinds, cut ones and hostile ones', () => {
    expect(messageOf('2026-11-26 INFO served msg="42"')).toBeUndefined();
    expect(messageOf('{"message":"never end')).toBeUndefined();
    expect(messageOf('{"message":""}')).toBeUndefined();
    expect(messageOf(`{${'"\\"'.repeat(4000)}`)).toBeUndefined();
  });
});
