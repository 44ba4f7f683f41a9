import { describe, expect, it } from 'vitest';
import { findHostPaths } from '../../../../src/features/terminals/editor/hostPaths';

const pathsIn = (text: string) => findHostPaths(text).map(({ path, line, column }) => [path, line, column]);

describe('Paths in the output of a host', () => {
  it.each([
    ['-rw-r--r-- 1 root root 220 /etc/hosts', [['/etc/hosts', undefined, undefined]]],
    ['/etc/nginx/nginx.conf:12:3: unexpected "}"', [['/etc/nginx/nginx.conf', 12, 3]]],
    ['error in /srv/app/main.py:7, stopping.', [['/srv/app/main.py', 7, undefined]]],
    ['see /var/log/syslog.', [['/var/log/syslog', undefined, undefined]]],
    [
      'diff /a/b /c/d',
      [
        ['/a/b', undefined, undefined],
        ['/c/d', undefined, undefined],
      ],
    ],
    ['"/opt/日志/应用.log"', [['/opt/日志/应用.log', undefined, undefined]]],
  ])('are found in %j', (text, expected) => {
    expect(pathsIn(text)).toEqual(expected);
  });

  it.each(['https://example.com/etc/hosts', 'a/b/c', '1 / 2', 'and/or', ''])('are not seen in %j', (text) => {
    expect(pathsIn(text)).toEqual([]);
  });

  it('tell where they stand, with what follows them', () => {
    expect(findHostPaths('at /etc/hosts:3')).toMatchObject([{ start: 3, length: 12 }]);
  });

  it('are bounded: a line of megabytes is left alone, and of many the first are taken', () => {
    expect(findHostPaths('/a '.repeat(100_000))).toEqual([]);
    expect(findHostPaths('/a '.repeat(1000))).toHaveLength(50);
  });
});
