import { isIPv6 } from 'node:net';
import type { Answer } from 'dns-packet';

/** The types of records that can be asked for. */
export const recordTypes = [
  ...(['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const),
];
export type RecordType = (typeof recordTypes)[number];

/** A record as zone files have it, names without the last dot; undefined for types that are not asked for. */
export function answerText(answer: Answer): string | undefined {
  if (answer.type === 'MX') return `${answer.data.preference} ${answer.data.exchange}`;
  if (answer.type === 'CAA') return `${answer.data.flags ?? 0} ${answer.data.tag} "${answer.data.value}"`;
  if (answer.type === 'SOA') return `${answer.data.mname} ${answer.data.rname} ${answer.data.serial}`;
  if (answer.type === 'SRV') {
    const { priority, weight, port, target } = answer.data;
    return `${priority} ${weight} ${port} ${target}`;
  }
  // The parts of one text are 255 bytes long at most.
  if (answer.type === 'TXT') return [answer.data].flat().join('') || '""';
  return 'data' in answer && typeof answer.data === 'string' ? answer.data : undefined;
}

/** One spelling of what can be written in several: addresses, and names in any case with or without the last dot. */
export function comparable(type: RecordType, text: string): string {
  if (type === 'TXT' || type === 'CAA') return text;
  if (type === 'AAAA' && isIPv6(text)) return new URL(`http://[${text}]`).hostname.slice(1, -1);
  return text.toLowerCase().replace(/\.$/, '').replace(/\s+/g, ' ');
}

/** The name under which an address stands for PTR records (RFC 1035, 3596); any other name as it is. */
export function reverseName(name: string): string {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return `${name.split('.').reverse().join('.')}.in-addr.arpa`;
  if (!isIPv6(name)) return name;
  const [head, tail = ''] = comparable('AAAA', name.replace(/%.*/, '')).split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const missing = 8 - groups(head!).length - groups(tail).length;
  const all = [...groups(head!), ...Array<string>(missing).fill('0'), ...groups(tail)];
  const digits = all.map((group) => group.padStart(4, '0')).join('');
  return `${[...digits].reverse().join('.')}.ip6.arpa`;
}
