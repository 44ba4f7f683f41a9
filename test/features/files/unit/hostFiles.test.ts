import { describe, expect, it } from 'vitest';
import type { HostFileResult } from '../../../../src/platform/transport/files/compareFiles';
import { foldFiles } from '../../../../src/features/files/editor/foldFiles';
import { KnownStates } from '../../../../src/shell/editor/knownStates';
import { matchEntries, readTypedPath } from '../../../../src/features/files/editor/typedPath';
import { sizeText } from '../../../../src/shell/editor/text/sizeText';

describe('What VS Code is told of a file', () => {
  const key = 'muster-ssh://web/etc/hosts';

  it('is the truth, for as long as nothing changes', () => {
    const states = new KnownStates();
    const shown = { mtime: 1_000_000, size: 5 };
    expect(states.observe(key, { mtime: 1_000, size: 5 })).toEqual(shown);
    expect(states.observe(key, { mtime: 1_000, size: 5 })).toEqual(shown);
  });

  it('is a time that grows with every change, also with one that keeps the time or turns it back', () => {
    const states = new KnownStates();
    states.observe(key, { mtime: 1_000, size: 5 });
    const sized = states.observe(key, { mtime: 1_000, size: 6 }).mtime;
    expect(sized).toBeGreaterThan(1_000_000);
    const restored = states.observe(key, { mtime: 7, size: 5 }).mtime;
    expect(restored).toBeGreaterThan(sized);
    expect(states.observe(key, { mtime: 2_000, size: 5 }).mtime).toBe(2_000_000);
  });

  it('grows with content that changes within a second, and not with a touch', () => {
    const states = new KnownStates();
    states.hold(key, { mtime: 1_000, size: 5 }, 'a');
    expect(states.observe(key, { mtime: 1_001, size: 5 }, 'a').mtime).toBe(1_000_000);
    expect(states.observe(key, { mtime: 1_001, size: 5 }, 'b').mtime).toBeGreaterThan(1_000_000);
  });

  it('is another size for other content than the one it has, and the real one when it has that', () => {
    const states = new KnownStates();
    const sizeOf = (mtime: number, size: number) => states.observe(key, { mtime, size }).size;
    states.hold(key, { mtime: 1, size: 5 });
    expect(sizeOf(1, 5)).toBe(5);
    expect(sizeOf(2, 5)).not.toBe(5);
    expect(sizeOf(3, 6)).toBe(6);
    expect(sizeOf(4, 5)).not.toBe(5);
    states.hold(key, { mtime: 5, size: 5 });
    expect(sizeOf(5, 5)).toBe(5);
  });

  it('stays known for the files that were used last', () => {
    const states = new KnownStates();
    for (let index = 0; index < 5_000; index++) states.observe(`${index}`, { mtime: 1, size: 1 });
    expect(states.get('4999')).toBeDefined();
    expect(states.get('0')).toBeUndefined();
  });
});

describe('A typed path', () => {
  it.each([
    ['/etc/ho', '/etc/', 'ho'],
    ['/etc/', '/etc/', ''],
    ['/', '/', ''],
    ['~', '/home/me/', ''],
    ['~/log', '/home/me/', 'log'],
    ['log/app', '/home/me/log/', 'app'],
    ['', '/home/me/', ''],
    ['/var/../etc/x', '/etc/', 'x'],
  ])('%s is in %s and begins with “%s”', (typed, folder, prefix) => {
    expect(readTypedPath(typed, '/home/me')).toEqual({ folder, prefix });
  });

  it('shows folders first, beginnings before other matches, numbers in their order', () => {
    const entries = [
      ...['app10.log', 'app9.log', 'My-App.txt', '.app'].map((name) => ({ name, type: 'file' as const })),
      ...['z', 'apps'].map((name) => ({ name, type: 'folder' as const })),
    ];
    const names = (prefix: string, withHidden = false) =>
      matchEntries(entries, prefix, withHidden).map(({ name }) => name);
    expect(names('app')).toEqual(['apps', 'app9.log', 'app10.log', 'My-App.txt']);
    expect(names('')).toEqual(['apps', 'z', 'app9.log', 'app10.log', 'My-App.txt']);
    expect(names('', true)).toContain('.app');
    expect(names('.a')).toEqual(['.app']);
  });

  it.each([
    [0, '0 B'],
    [812, '812 B'],
    [4_300, '4.2 KB'],
    [1_048_576, '1.0 MB'],
    [17_825_792, '17 MB'],
  ])('leads to files whose %i bytes read as %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});

describe('The same file on many hosts', () => {
  const info = { type: 'file' as const, isLink: false, size: 3, mtime: 1, mode: 0o644 };
  const read = (host: string, digest: string): HostFileResult => ({ host, digest, info });
  const failed = (host: string, message: string): HostFileResult => ({
    host,
    failure: 'noPermission',
    error: { code: 'PROTOCOL', message, causes: [] },
  });

  it('is folded by content, the biggest group first, those without it last', () => {
    const groups = foldFiles([
      failed('web-1', '/x: permission denied'),
      read('web-2', 'b'),
      read('web-3', 'a'),
      read('web-4', 'a'),
      failed('web-5', '/x: permission denied'),
      failed('web-6', 'no answer from web-6'),
      failed('web-7', 'no answer from web-7'),
      failed('web-8', '/x: permission denied'),
    ]);
    expect(groups.map(({ hosts }) => hosts)).toEqual([
      ['web-3', 'web-4'],
      ['web-2'],
      ['web-1', 'web-5', 'web-8'],
      ['web-6', 'web-7'],
    ]);
    expect(groups[0]!.hostSet).toBe('web-[3-4]');
  });
});
