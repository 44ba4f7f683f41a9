import type { SrvAnswer } from 'dns-packet';
import type { DnsAnswer } from '../../checks/core/dns/askResolver';
import { recordsOf } from '../../checks/core/dns/recordsOf';
import { asciiName, askInTurn, ownResolvers, parseResolver } from '../../checks/core/dns/resolvers';
import { ProbeMeasurements } from '../../checks/core/probeMeasurements';
import { Deadline } from '../../../platform/batch/deadline';
import { MusterError } from '../../../platform/errors/errors';
import type { InventorySource, SourceAnswer } from '../../../platform/inventory/sources/inventorySource';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import { type Discovery, type Registry, registryText } from './discovery';
import { FoundHosts } from './foundHosts';
import { registrationOf } from './registration';

const askMs = 5_000;
/** However short its records live, a name server is not asked again before these milliseconds are over. */
const shortestMs = 5_000;
const way = { protocol: 'udp', recursion: true } as const;

/** Hosts that SRV records name: the target is name and address, and is looked up when it is connected to. */
export class SrvSource implements InventorySource {
  constructor(
    private readonly discovery: Discovery,
    private readonly registry: Extract<Registry, { kind: 'srv' }>,
  ) {}

  describe(): string {
    return registryText(this.registry);
  }

  async load(signal: AbortSignal): Promise<SourceAnswer> {
    const { name, resolver, refreshMs } = this.registry;
    const named = resolver === undefined ? undefined : parseResolver(resolver);
    const deadline = new Deadline(askMs, signal);
    try {
      const question = { type: 'SRV', name: asciiName(name)!, class: 'IN' } as const;
      const resolvers = named ? [named] : ownResolvers();
      const answer = await askInTurn(resolvers, question, way, deadline, new ProbeMeasurements());
      const records = preferredFirst(answer);
      const hosts = this.hostsOf(records);
      const ttlMs = Math.min(...records.map(({ ttl = 0 }) => ttl * 1000), refreshMs);
      return {
        fragments: () => [hosts.fragment()],
        validMs: Math.max(ttlMs, Math.min(shortestMs, refreshMs)),
      };
    } finally {
      deadline.dispose();
    }
  }

  /** The first of several ports of one machine has its name; the others have the port as well. */
  private hostsOf(records: readonly SrvAnswer[]): FoundHosts {
    const hosts = new FoundHosts(this.discovery);
    const named = new Set<string>();
    for (const { data } of records) {
      const { priority = 0, weight = 0, port, target } = data;
      const name = named.has(target.toLowerCase()) ? `${target}:${port}` : target;
      named.add(target.toLowerCase());
      const labels = { port: String(port), priority: String(priority), weight: String(weight) };
      const record = `${priority} ${weight} ${port} ${printable(target, 255)}`;
      hosts.set(record, record, () => registrationOf(name, target, labels));
    }
    return hosts;
  }
}

/**
 * The records, the preferred ones first. That there is no such name is an answer, and so is the target `.` (RFC 2782).
 * @throws MusterError DNS where the name server does not know
 */
function preferredFirst(answer: DnsAnswer): SrvAnswer[] {
  const { rcode } = answer;
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN')
    throw new MusterError('DNS', t('the name server answers {0}', rcode), {
      ...{ phase: 'request', hint: t('Check the name server, and whether it may be asked for this name.') },
    });
  return (recordsOf(answer, 'SRV').records as SrvAnswer[])
    .filter(({ data }) => !['', '.'].includes(data.target))
    .sort(
      ({ data: a }, { data: b }) =>
        (a.priority ?? 0) - (b.priority ?? 0) ||
        (b.weight ?? 0) - (a.weight ?? 0) ||
        a.target.localeCompare(b.target) ||
        a.port - b.port,
    );
}
