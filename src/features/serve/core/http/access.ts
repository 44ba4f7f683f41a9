import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';

/** Where a service listens: a Unix socket, or an address and a port. */
export type ListenPlace =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** Reads `unix:/run/muster.sock`, `127.0.0.1:9797` or `[::1]:9797`. @throws MusterError USAGE */
export function parseListen(text: string): ListenPlace {
  const wrong = () =>
    new MusterError('USAGE', t('--listen: "{0}" is neither ADDRESS:PORT nor unix:PATH', text.slice(0, 100)), {
      hint: t(
        'An address is a number, such as 127.0.0.1:9797 or [::1]:9797: names may lead elsewhere tomorrow.',
      ),
    });
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    if (path === '') throw wrong();
    return { kind: 'unix', path };
  }
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || !isIP(host) || Number(port) > 65_535) throw wrong();
  return { kind: 'tcp', host, port: Number(port) };
}

/** Whether nobody beyond this machine can connect. */
export function isLoopback(host: string): boolean {
  return loopback.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Reads addresses and networks, such as `10.0.0.0/8`. @throws MusterError USAGE */
export function parseAllowed(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    // A zone, as in fe80::1%eth0, is not part of a network.
    const version = address.includes('%') ? 0 : isIP(address);
    const most = version === 6 ? 128 : 32;
    if (version === 0 || Number(length ?? most) > most)
      throw new MusterError(
        'USAGE',
        t('--allow: "{0}" is neither an address nor a network such as 10.0.0.0/8', text.slice(0, 100)),
      );
    list.addSubnet(address, Number(length ?? most), version === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Whether the list has an address; one of IPv4 may come as `::ffff:10.0.0.1`, one of a link with its zone. */
export function isAllowed(list: BlockList, address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

const digestOf = (text: string) => createHash('sha256').update(text).digest();

/** Whether an `Authorization` header has the token: as Bearer, or as the password of Basic. It takes as long either way. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  return timingSafeEqual(digestOf(tokenIn(header ?? '')), digestOf(token));
}

function tokenIn(header: string): string {
  const [, scheme = '', given = ''] = /^(\w+) +(\S+) *$/.exec(header) ?? [];
  if (/^bearer$/i.test(scheme)) return given;
  if (!/^basic$/i.test(scheme)) return '';
  const pair = Buffer.from(given, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

/**
 * Whether a `Host` header names this service: a page in a browser that made its own name lead here names itself.
 * `names` are lower case.
 */
export function isOurHost(header: string | undefined, names: ReadonlySet<string>): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/.exec(header ?? '') ?? [];
  const name = bracketed ?? plain;
  return name !== undefined && names.has(name.toLowerCase().replace(/\.$/, ''));
}
