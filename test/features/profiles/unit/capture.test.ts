import { describe, expect, it } from 'vitest';
import type { MusterError } from '../../../../src/platform/errors/errors';
import type { Host } from '../../../../src/platform/inventory/model';
import { parseFacts } from '../../../../src/features/profiles/core/capture/hostFacts';
import { parseProcesses } from '../../../../src/features/profiles/core/capture/processList';
import { foldedDump } from '../../../../src/features/profiles/core/capture/pySpyDump';
import {
  requirePerfEvents,
  requirePtrace,
  requireTarget,
} from '../../../../src/features/profiles/core/capture/requirements';

const host = { name: 'web-1' } as Host;
const facts = (lines: readonly string[], hasTarget = true) => parseFacts(lines.join('\n'), hasTarget);
const refusal = (check: () => void) => {
  try {
    check();
    return 'none';
  } catch (error) {
    return `${(error as MusterError).code}: ${(error as Error).message}`;
  }
};

describe('What a host lets profilers do', () => {
  const all = 'capabilities=000001ffffffffff';
  const none = 'capabilities=0000000000000000';

  it.each([
    ['root', ['uid=0', all, 'ptrace_scope=1', 'target=1', 'owner=1000'], 'none'],
    ['a user, own process', ['uid=1000', none, 'ptrace_scope=0', 'target=1', 'owner=1000'], 'none'],
    ['a host without Yama', ['uid=1000', none, 'target=1', 'owner=1000'], 'none'],
    [
      'a tool with the right of its own',
      ['uid=1000', none, 'ptrace_scope=1', 'filecap=/bin/py-spy cap_sys_ptrace=eip', 'target=1', 'owner=33'],
      'none',
    ],
    [
      'a user, as Debian and Ubuntu are set up',
      ['uid=1000', none, 'ptrace_scope=1', 'target=1', 'owner=1000'],
      'PRECONDITION: kernel.yama.ptrace_scope is 1: only root may read other processes',
    ],
    [
      'the process of another user',
      ['uid=1000', none, 'ptrace_scope=0', 'target=1', 'owner=33'],
      'PRECONDITION: the process belongs to another user (uid 33), which py-spy may not read as uid 1000',
    ],
    [
      'even root where the kernel forbids it',
      ['uid=0', all, 'ptrace_scope=3', 'target=1', 'owner=0'],
      'PRECONDITION: kernel.yama.ptrace_scope is 3: no process may read another, not even as root',
    ],
    [
      'root of a container',
      ['uid=0', 'capabilities=00000000a80425fb', 'container=1', 'ptrace_scope=1', 'target=1', 'owner=0'],
      'PRECONDITION: root of this container may not read other processes: it lacks CAP_SYS_PTRACE',
    ],
  ])('of reading another process: %s', (_, lines, expected) => {
    expect(refusal(() => requirePtrace(host, facts(['os=Linux', ...lines]), 'py-spy'))).toBe(expected);
  });

  it.each([
    ['root', ['uid=0', all, 'perf_event_paranoid=4'], false, 'none'],
    ['CAP_PERFMON', ['uid=1000', 'capabilities=0000004000000000', 'perf_event_paranoid=3'], false, 'none'],
    ['an own process', ['uid=1000', none, 'perf_event_paranoid=2', 'target=1', 'owner=1000'], true, 'none'],
    [
      'a user on Debian',
      ['uid=1000', none, 'perf_event_paranoid=3', 'target=1', 'owner=1000'],
      true,
      'PRECONDITION: kernel.perf_event_paranoid is 3: only root may record',
    ],
    [
      'a user, the whole host',
      ['uid=1000', none, 'perf_event_paranoid=2'],
      false,
      'PRECONDITION: kernel.perf_event_paranoid is 2: only root may record all processes',
    ],
    ['a kernel without them', ['uid=0', all], false, 'PRECONDITION: the kernel offers no performance events'],
  ])('of recording with perf: %s', (_, lines, hasTarget, expected) => {
    expect(refusal(() => requirePerfEvents(host, facts(['os=Linux', ...lines], hasTarget)))).toBe(expected);
  });

  it('is not taken from a host that says nonsense', () => {
    const seen = facts([
      'os=Linux',
      'uid=x',
      'capabilities=zz',
      'ptrace_scope=$(reboot)',
      'tool.perf=/usr/bin/perf',
    ]);
    expect(seen).toMatchObject({ uid: -1, ptraceScope: undefined });
    expect(seen.has(19n)).toBe(false);
    expect(seen.tools.get('perf')).toBe('/usr/bin/perf');
    expect(refusal(() => requireTarget(host, seen, 7))).toBe('PRECONDITION: there is no process 7');
  });
});

describe('The processes of a host', () => {
  const stat = (pid: number, name: string, ticks: number, pages: number) =>
    `${pid} (${name}) S 1 1 1 0 -1 0 0 0 0 0 ${ticks} 0 0 0 20 0 1 0 100 1000 ${pages} 0 0`;
  const proc = [
    'hz 100',
    'page 4096',
    'first 10.00',
    stat(1, 'init', 5, 100),
    stat(42, 'a) S (b', 10, 500),
    stat(9, 'kthreadd', 0, 0),
  ];
  const later = [
    'second 11.00',
    stat(1, 'init', 5, 100),
    stat(42, 'a) S (b', 60, 512),
    stat(9, 'kthreadd', 0, 0),
    'ps',
  ];

  it.each([
    [
      'procps',
      [
        '    PID USER     COMMAND',
        '      1 root     /sbin/init',
        '     42 www-data gunicorn: worker [app]',
        '      9 root     [kthreadd]',
      ],
    ],
    [
      'busybox',
      [
        'PID   USER     COMMAND',
        '    1 root     /sbin/init',
        '   42 www-data gunicorn: worker [app]',
        '    9 root     [kthreadd]',
      ],
    ],
    [
      'a busybox without options',
      [
        'PID   USER     TIME  COMMAND',
        '    1 root      0:01 /sbin/init',
        '   42 www-data  0:00 gunicorn: worker [app]',
      ],
    ],
  ])('are listed with CPU over the last second, the busiest first (%s)', (_, ps) => {
    expect(parseProcesses([...proc, ...later, ...ps].join('\n'))).toEqual([
      { pid: 42, user: 'www-data', command: 'gunicorn: worker [app]', cpu: 50, memory: 512 * 4096 },
      { pid: 1, user: 'root', command: '/sbin/init', cpu: 0, memory: 100 * 4096 },
    ]);
  });

  it('are listed by ps alone where there is no /proc', () => {
    const text = 'ps\n  PID USER  %CPU    RSS ARGS\n   7 me    12.5   2048 node server.js\n';
    expect(parseProcesses(text)).toEqual([
      { pid: 7, user: 'me', cpu: 12.5, memory: 2048 * 1024, command: 'node server.js' },
    ]);
  });

  it('are none where nothing sensible comes', () => {
    expect(parseProcesses('')).toEqual([]);
    expect(parseProcesses('ps\nsh: ps: not found\n')).toEqual([]);
  });
});

it('A dump of py-spy is a folded stack for each thread', () => {
  const frame = (name: string, line: number) => ({
    name,
    filename: '/app/a;b.py',
    short_filename: 'b.py',
    line,
  });
  const threads = [
    {
      pid: 1,
      thread_id: 140,
      thread_name: 'MainThread',
      os_thread_id: 7,
      active: true,
      owns_gil: true,
      frames: [frame('leaf', 3), frame('<module>', 1)],
    },
    {
      pid: 1,
      thread_id: 141,
      thread_name: null,
      os_thread_id: null,
      active: false,
      owns_gil: false,
      frames: [],
    },
  ];
  expect(foldedDump(JSON.stringify(threads))).toBe(
    'thread 7 MainThread;<module> (/app/a b.py:1);leaf (/app/a b.py:3) 1\nthread 141 1\n',
  );
});
