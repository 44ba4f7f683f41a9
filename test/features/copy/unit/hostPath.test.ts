import { describe, expect, it } from 'vitest';
import { parseHostPath } from '../../../../src/features/copy/core/hostPath';

describe('SELECTOR:PATH', () => {
  it.each([
    ['web:/etc/app.conf', 'web', '/etc/app.conf'],
    ['role=web,env=prod:/srv/', 'role=web,env=prod', '/srv/'],
    ['web:app.conf', 'web', 'app.conf'],
    ['web:conf/a:b', 'web', 'conf/a:b'],
    ['web:/srv/a:/b', 'web', '/srv/a:/b'],
    ['web:./a:b', 'web', './a:b'],
    ['2001:db8::1:/srv', '2001:db8::1', '/srv'],
    ['2001:db8::1:srv', '2001:db8::1', 'srv'],
    ['app=a/b:/srv', 'app=a/b', '/srv'],
    ['web:', 'web', '.'],
    ['web:~', 'web', '.'],
    ['web:~/x', 'web', 'x'],
    ['web:~/', 'web', './'],
    ['web:C:/x', 'web:C', '/x'],
  ])('%s', (text, selector, path) => {
    expect(parseHostPath(text)).toEqual({ selector, path });
  });

  it.each(['app.conf', '/etc/app.conf', ':/etc', './a', 'C:\\x', 'web:~bob/x', 'web:/a\0b'])(
    '%j is none',
    (text) => {
      expect(() => parseHostPath(text)).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
    },
  );
});
