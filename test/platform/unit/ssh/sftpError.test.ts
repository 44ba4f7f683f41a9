import { describe, expect, it } from 'vitest';
import { noSftp } from '../../../../src/platform/transport/ssh/sftp/sftpError';

describe('What is no SFTP', () => {
  // Lengths that were reported of servers whose shells print something.
  it.each([
    [1416586337, 'Toda'],
    [458961715, '33'],
    [169869312, '0x0a200000'],
    [169876315, '['],
    [808464432, '0000'],
  ])('is shown for a packet of %i bytes, which is text', (length, shown) => {
    const error = noSftp(new Error(`Packet length ${length} exceeds max length of 262144`));
    expect(error.message).toContain('what the host sends is not SFTP: it begins with “');
    expect(error.message).toContain(shown);
    expect(error.message).not.toMatch(/\p{Cc}/u);
    expect(error.hint).toContain('~/.bashrc');
  });

  it('is a server without it otherwise', () => {
    expect(noSftp(new Error('Unable to start subsystem: sftp')).message).toMatch(/^the host offers no SFTP/);
  });
});
