import { expect, test } from 'vitest';
import { MusterError } from '../../../src/platform/errors/errors';
import { onceEach } from '../../../src/shell/editor/panels/onceEach';

test('an error that fails many requests is told once, another with the same message is told again', () => {
  const told: string[] = [];
  const tell = onceEach(({ code, message }) => told.push(`${code} ${message}`));
  const lost = new MusterError('PROTOCOL', 'the thread has ended');
  for (let request = 0; request < 3; request++) tell(lost);
  expect(told).toEqual(['PROTOCOL the thread has ended']);
  tell(new MusterError('USAGE', 'not a regular expression'));
  tell(new MusterError('USAGE', 'not a regular expression'));
  expect(told.slice(1)).toEqual(['USAGE not a regular expression', 'USAGE not a regular expression']);
});
