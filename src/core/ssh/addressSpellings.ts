import { isIP } from 'node:net';

/**
 * The address as it was written, and as OpenSSH's users write it: the same machine must not pass as another one by
 * another spelling of its address (`10.0.0.5` as `::ffff:10.0.0.5` or `0x0a000005`, a dot behind a name).
 */
export function addressSpellings(address: string): string[] {
  const written = address.toLowerCase();
  return [...new Set([written, plainSpelling(written)])];
}

function plainSpelling(address: string): string {
  const [literal = '', zone] = address.split('%', 2);
  if (isIP(literal) === 6) {
    const short = new URL(`http://[${literal}]`).hostname.slice(1, -1);
    const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? [];
    if (high === undefined || low === undefined) return zone === undefined ? short : `${short}%${zone}`;
    const bytes = [high, low]
      .map((part) => Number.parseInt(part, 16))
      .flatMap((part) => [part >> 8, part & 255]);
    return bytes.join('.');
  }
  const name = address.replace(/\.$/, '');
  // Numbers of other bases and shortened ones, which the system's resolver takes as well.
  if (!/^(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+)){0,3}$/.test(name)) return name;
  return URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : name;
}
