import { getServers } from 'node:dns';
import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import type { Question } from 'dns-packet';
import { Deadline } from '../../../../platform/batch/deadline';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import type { ProbeMeasurements } from '../probeMeasurements';
import { askResolver, type DnsAnswer, type Resolver } from './askResolver';

const defaultPort = 53;
/** Milliseconds for all name servers together where there is no time limit. */
const defaultMs = 5_000;

/** Reads `10.0.0.2`, `10.0.0.2:5353`, `::1`, `[::1]:53` or a name with or without a port; undefined if it is neither. */
export function parseResolver(text: string): Resolver | undefined {
  if (isIPv6(text)) return { address: text, port: defaultPort };
  const match = /^(?:\[([^\]]+)\]|([^\s:[\]/@]+))(?::(\d{1,5}))?$/.exec(text);
  const port = Number(match?.[3] ?? defaultPort);
  const address = match?.[1] ?? match?.[2];
  if (address === undefined || port < 1 || port > 65535) return undefined;
  return match![1] === undefined || isIPv6(address) ? { address, port } : undefined;
}

/** The name servers of this machine. */
export function ownResolvers(): Resolver[] {
  return getServers().flatMap((server) => parseResolver(server) ?? []);
}

/** Asks name servers in turn until one answers, each with its share of the time that is left. @throws MusterError */
export async function askInTurn(
  resolvers: readonly Resolver[],
  question: Question,
  way: { protocol: 'udp' | 'tcp'; recursion: boolean },
  deadline: Deadline,
  measured: ProbeMeasurements,
): Promise<DnsAnswer> {
  const startedAt = performance.now();
  const limitMs = deadline.limitMs || defaultMs;
  for (const [index, resolver] of resolvers.entries()) {
    const others = resolvers.length - index - 1;
    const left = limitMs - (performance.now() - startedAt);
    // The last one has all that is left, and its end is that of the work.
    const share = others === 0 ? undefined : new Deadline(left / (others + 1), deadline.signal);
    try {
      return await askResolver(resolver, question, way, share ?? deadline, measured);
    } catch (error) {
      if (others === 0 || deadline.aborted) throw error;
    } finally {
      share?.dispose();
    }
  }
  throw new MusterError('PRECONDITION', t('this machine has no name server'), {
    phase: 'dns',
    hint: t('Name one: `resolver: 10.0.0.2`.'),
  });
}

/** The name as it goes over the wire; undefined where it is not one. */
export function asciiName(text: string): string | undefined {
  const name = text.replace(/\.$/, '');
  if (name === '') return '.';
  if (/[\s\0-\x1f\x7f/:[\]%@]/.test(name)) return undefined;
  const ascii = /^[\x21-\x7e]*$/.test(name) ? name : domainToASCII(name);
  const isName = ascii.length <= 253 && ascii.split('.').every(({ length }) => length > 0 && length <= 63);
  return isName ? ascii : undefined;
}
