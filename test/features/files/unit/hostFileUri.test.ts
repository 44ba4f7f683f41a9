import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostFileUri, readHostFileUri } from '../../../../src/features/files/editor/hostFileUri';

const there = (host: string, path = '/etc/hosts', inventory?: string) =>
  hostFileUri({ host, path, ...(inventory !== undefined && { inventory }) });

describe('The URI of a file on a host', () => {
  it('reads like an address', () => {
    expect(there('web-01.example.org')).toEqual({
      scheme: 'muster-ssh',
      authority: 'web-01.example.org',
      path: '/etc/hosts',
      query: '',
    });
  });

  it('tells hosts apart that differ in case only, in lower case', () => {
    expect(there('Web-01').authority).toBe('~57eb-01');
    expect(readHostFileUri(there('Web-01'))!.host).toBe('Web-01');
  });

  it.each(['db_1', '10.0.0.7', 'fe80::1', 'a@b:22', '主机-1', 'x%20y', '~57', 'w e b', 'a/b', '👩‍💻'])(
    'brings back the host %s',
    (host) => {
      const uri = there(host);
      expect(uri.authority).toMatch(/^[a-z0-9._~-]+$/);
      expect(readHostFileUri(uri)).toEqual({ host, path: '/etc/hosts' });
    },
  );

  it('says which inventory is meant where it has to', () => {
    const inventory = 'file:///home/me/fleet%20one?a=b&c#d';
    const uri = there('web', '/', inventory);
    expect(uri.query).toBe(`inventory=${inventory}`);
    expect(readHostFileUri(uri)).toEqual({ host: 'web', path: '/', inventory });
  });

  it.each([
    ['/var//log/./x', '/var/log/x'],
    ['/var/log/', '/var/log'],
    ['/a/../b', '/b'],
    ['/', '/'],
    ['etc/hosts', '/etc/hosts'],
    ['/with %41 and #?&', '/with %41 and #?&'],
  ])('spells the path %s as %s', (path, spelled) => {
    expect(there('web', path).path).toBe(spelled);
  });

  it('is told from other URIs, and from what is none', () => {
    expect(readHostFileUri({ ...there('web'), scheme: 'file' })).toBeUndefined();
    expect(readHostFileUri({ ...there('web'), authority: '' })).toBeUndefined();
    expect(readHostFileUri({ ...there('web'), authority: '~ff' })).toBeUndefined();
  });

  it('comes back as it was, whatever the host and the inventory are called', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (host, inventory) => {
        const uri = there(host, '/x', inventory);
        expect(readHostFileUri(uri)).toEqual({ host, path: '/x', inventory });
        expect(readHostFileUri({ ...uri, authority: uri.authority.toLowerCase() })!.host).toBe(host);
      }),
    );
  });
});
