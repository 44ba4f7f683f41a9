import { describe, expect, it } from 'vitest';
import { Redactor, redactingLogger } from '../../../src/editor/redaction';

function recordingLogger() {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  return { lines, debug: write, info: write, warn: write, error: write };
}

describe('The log', () => {
  it('shows no secret, whichever level and however often it comes', () => {
    const redactor = new Redactor();
    const sink = recordingLogger();
    const logger = redactingLogger(sink, redactor);
    redactor.add('hunter2');
    logger.debug('sent hunter2');
    logger.info('hunter2 and hunter2');
    logger.warn('x');
    logger.error('refused: "hunter2"');
    expect(sink.lines).toEqual(['sent •••', '••• and •••', 'x', 'refused: "•••"']);
  });

  it('shows no secret in the forms that JSON, URLs and Base64 give it', () => {
    const redactor = new Redactor();
    const secret = 'pa"ss wörd/';
    redactor.add(secret);
    const forms = [
      JSON.stringify(secret),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ];
    expect(forms.map((form) => redactor.redact(form))).toEqual(['"•••"', '•••', '•••']);
  });

  it('leaves nothing of a secret that contains another', () => {
    const redactor = new Redactor();
    redactor.add('abc');
    redactor.add('abcdef');
    expect(redactor.redact('abcdef abc')).toBe('••• •••');
  });

  it('is not changed by an empty secret', () => {
    const redactor = new Redactor();
    redactor.add('');
    expect(redactor.redact('text')).toBe('text');
  });
});
