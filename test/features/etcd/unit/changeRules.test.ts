import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ChangeSet, ChangeSettler } from '../../../../src/features/etcd/core/rules/changeRules';
import { compileKeyPattern } from '../../../../src/features/etcd/core/keys/keyPattern';
import type { KeyValue } from '../../../../src/features/etcd/core/client/etcdModel';
import type { WatchEvent, WatchRecord } from '../../../../src/features/etcd/core/watch/etcdWatchRecord';
import { cpuMs } from '../../../harness/cpuMs';

const bytes = (text: string) => Buffer.from(text);

function kv(key: string, modRevision: number): KeyValue {
  const value = Buffer.alloc(0);
  return { key: bytes(key), value, createRevision: 1, modRevision, version: 2, lease: undefined };
}

function event(type: 'put' | 'delete', key: string, revision: number): WatchEvent {
  const current = type === 'put' ? kv(key, revision) : undefined;
  return { type, key: bytes(key), revision, current, previous: undefined, previousUnknown: true };
}
const events = (...some: WatchEvent[]): WatchRecord => ({ type: 'events', events: some });
const put = (key: string, revision: number) => events(event('put', key, revision));

describe('A pattern of keys', () => {
  const matches = (pattern: string, key: string | Buffer, separator = '/') => {
    const compiled = compileKeyPattern(pattern, { prefix: '/config/', separator });
    return compiled(typeof key === 'string' ? bytes(key) : key);
  };

  it.each([
    ['nginx/', '/config/nginx/a', true],
    ['nginx/', '/config/nginx/a/b', true],
    ['nginx/', '/config/nginx', false],
    ['nginx/**', '/config/nginx/sites/a.conf', true],
    ['nginx/*', '/config/nginx/sites/a.conf', false],
    ['nginx/*.conf', '/config/nginx/a.conf', true],
    ['*/a?', '/config/x/ab', true],
    ['*/a?', '/config/x/a/', false],
    ['**', '/config/', true],
    ['**', '/other/nginx', false],
    ['app.yaml', '/config/app.yaml', true],
    ['app.yaml', '/config/appxyaml', false],
    ['a+(b)[c]^$|\\d', '/config/a+(b)[c]^$|\\d', true],
    ['nginx//*', '/config/nginx//a b\n🚀', true],
    ['../**', '/config/../x', true],
  ])('%s and the key %s: %s', (pattern, key, expected) => {
    expect(matches(pattern, key) !== undefined).toBe(expected);
  });

  it('stops at the separator that the cluster has', () => {
    expect(matches('a.*', '/config/a.b/c', '.')).toEqual({ name: undefined });
    expect(matches('a.*', '/config/a.b.c', '.')).toBeUndefined();
    expect(matches('*::x', '/config/a-]b::x', '::')).toEqual({ name: undefined });
  });

  it('gives the host that a key names, exactly as it stands there', () => {
    expect(matches('hosts/{name}/**', '/config/hosts/web-1/a/b')).toEqual({ name: 'web-1' });
    expect(matches('{name}.conf', '/config/web-1.conf')).toEqual({ name: 'web-1' });
    expect(matches('hosts/{name}/', '/config/hosts/$(reboot);x/a')).toEqual({ name: '$(reboot);x' });
    expect(matches('hosts/{name}/', '/config/hosts//a')).toBeUndefined();
  });

  it('is quick with hostile keys, and keys need not be text', async () => {
    const hostile = () => expect(matches('**a**a**a**b', `/config/${'a'.repeat(100_000)}`)).toBeUndefined();
    expect(await cpuMs(hostile)).toBeLessThan(2_000);
    expect(matches('x*', Buffer.from('/config/x\xff\x00', 'latin1'))).toEqual({ name: undefined });
  });
});

describe('Changes that a rule is about', () => {
  let told: ChangeSet[];
  const settler = (keys: string[], hosts: string[] = []) =>
    new ChangeSettler(
      { keys, settleMs: 1_000 },
      { prefix: '', separator: '/' },
      { affects: (name) => hosts.includes(name), settled: (changes) => told.push(changes) },
    );
  const listed = (changes: ChangeSet | undefined) =>
    changes?.keys.map(({ key, before, after, isDeleted }) => [key.toString(), before, after, isDeleted]);

  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
  });
  afterEach(() => vi.useRealTimers());

  it('are one reaction when they rest, each key with what it was before the first and is after the last', () => {
    const rule = settler(['nginx/']);
    rule.take(put('nginx/a', 10));
    vi.advanceTimersByTime(900);
    rule.take(events(event('put', 'nginx/a', 11), event('delete', 'nginx/b', 11), event('put', 'x', 11)));
    vi.advanceTimersByTime(999);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told.map(listed)).toEqual([
      [
        ['nginx/a', 9, 11, false],
        ['nginx/b', 10, 11, true],
      ],
    ]);
    expect(told[0]).toMatchObject({ affectsAll: true, unlisted: 0, gap: undefined });
    vi.advanceTimersByTime(60_000);
    expect(told).toHaveLength(1);
  });

  it('of other keys are none', () => {
    const rule = settler(['nginx/']);
    rule.take(put('app', 3));
    rule.take({ type: 'progress', revision: 4 });
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual([]);
  });

  it('are told in the end when they never rest', () => {
    const rule = settler(['**']);
    for (let at = 0; at < 100; at++) {
      rule.take(put('heartbeat', at + 2));
      vi.advanceTimersByTime(500);
    }
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told.length).toBeLessThanOrEqual(6);
  });

  it('are listed up to a bound, and counted beyond it', () => {
    const rule = settler(['**']);
    for (let at = 0; at < 600; at++) rule.take(put(`k${at}`, at + 2));
    vi.advanceTimersByTime(1_000);
    expect(told[0]).toMatchObject({ size: 500, unlisted: 100 });
  });

  it('affect the hosts that their keys name, if the rule is about those', () => {
    const rule = settler(['hosts/{name}/'], ['web-1', 'web-2']);
    rule.take(put('hosts/web-2/a', 5));
    rule.take(put('hosts/; rm -rf $HOME/a', 6));
    rule.take(put('hosts/db/a', 7));
    vi.advanceTimersByTime(1_000);
    expect([...told[0]!.names]).toEqual(['web-2']);
    expect(told[0]).toMatchObject({ affectsAll: false, size: 1 });
  });

  it('that nobody saw are told as such, with what they came to', () => {
    const rule = settler(['nginx/']);
    rule.take({ type: 'gap', from: 5, to: 90, reason: 'compacted' });
    const changes = [
      { key: bytes('nginx/a'), previousRevision: 3, current: kv('nginx/a', 40) },
      { key: bytes('nginx/b'), previousRevision: undefined, current: kv('nginx/b', 41) },
      { key: bytes('x'), previousRevision: 2, current: undefined },
    ];
    rule.take({ type: 'difference', revision: 90, changes, deletionsKnown: true, last: true });
    vi.advanceTimersByTime(1_000);
    expect(listed(told[0])).toEqual([
      ['nginx/a', 3, 90, false],
      ['nginx/b', undefined, 90, false],
    ]);
    expect(told[0]!.gap).toEqual({ from: 5, to: 90, isPartial: false });
  });

  it('may have been any when revisions are unknown, even if none of them is left', () => {
    const rule = settler(['nginx/']);
    rule.take({ type: 'gap', from: 5, to: 90, reason: 'rewritten' });
    rule.take({ type: 'difference', revision: 90, changes: [], deletionsKnown: false, last: true });
    vi.advanceTimersByTime(1_000);
    expect(told[0]).toMatchObject({ isEmpty: true, gap: { from: 5, to: 90, isPartial: true } });
  });

  it('of two reactions make one, as if they had come together', () => {
    const rule = settler(['{name}/'], ['a', 'b']);
    rule.take(put('a/x', 5));
    vi.advanceTimersByTime(1_000);
    rule.take(put('a/x', 8));
    rule.take(put('b/y', 9));
    vi.advanceTimersByTime(1_000);
    const [all, later] = told;
    all!.merge(later!);
    expect(listed(all)).toEqual([
      ['a/x', 4, 8, false],
      ['b/y', 8, 9, false],
    ]);
    expect([...all!.names]).toEqual(['a', 'b']);
  });

  it('are forgotten with the rule', () => {
    const rule = settler(['**']);
    rule.take(put('a', 2));
    rule.dispose();
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual([]);
  });
});
