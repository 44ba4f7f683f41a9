import { describe, expect, it } from 'vitest';
import { EarlyInput } from '../../../../src/features/terminals/editor/earlyInput';

describe('What is typed before there is a shell', () => {
  it('waits in its order, and is handed out once', () => {
    const early = new EarlyInput();
    for (const key of 'clear\r') expect(early.add(key)).toBe(true);
    expect(early.take()).toBe('clear\r');
    expect(early.take()).toBe('');
  });

  it('is discarded by an interrupt, as a terminal does', () => {
    const early = new EarlyInput();
    early.add('rm -rf x');
    expect(early.add('\x03')).toBe(true);
    early.add('ls\r');
    expect(early.take()).toBe('ls\r');
  });

  it('is kept as a whole or not at all: half of it could be another command', () => {
    const early = new EarlyInput();
    early.add('rm -rf /srv/');
    expect(early.add('x'.repeat(64 * 1024))).toBe(false);
    expect(early.add('\r')).toBe(false);
    expect(early.take()).toBe('');
    expect(early.add('ls\r')).toBe(true);
  });
});
