import { isIPv6 } from 'node:net';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Host, Inventory } from '../../../platform/inventory/model';
import type { SectionToken } from '../../../platform/inventory/sectionToken';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import { UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';
import { type Check, checks } from '../core/check';
import { probes } from '../core/probes';

/** What the command line gives to check in place of an inventory. */
export interface GivenTargets {
  url?: string[];
  tcp?: string[];
}

/** Where no inventory says more; an address given by hand may be far away. */
const timeoutMs = 5_000;
const concurrency = 50;

interface Given {
  address: string;
  name: string;
  type: 'http' | 'tcp';
  input: Record<string, unknown>;
}

/** The inventory that URLs and ports come to: their hosts, each with its checks. @throws UsageError */
export function inventoryOf({ url = [], tcp = [] }: GivenTargets, cwd: string): Inventory {
  const file = path.join(cwd, 'muster.yaml');
  const source = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
  const hosts = new Map<string, Host>();
  const entries = new Map<string, Check>();
  for (const given of [...url.map(givenUrl), ...tcp.map(givenPort)]) {
    const { address, name, type, input } = given;
    const host = { name: address, address, labels: {}, groups: [], ssh: {}, variables: {}, source };
    hosts.set(address, host);
    const probe = probes.find((one) => one.type === type)!;
    const settings = probe.settings.safeParse(input);
    if (!settings.success) throw new UsageError(`${name}: ${settings.error.issues[0]!.message}`);
    const key = keyOf(given, entries);
    entries.set(key, {
      name: key,
      type,
      hosts: [address],
      timeoutMs,
      settings: settings.data,
      input,
      source,
    });
  }
  const sections = new Map<string, ReadonlyMap<string, unknown>>([[checks.key, entries]]);
  return {
    ...{ file, hosts, groups: new Map(), topKeys: [], concurrency, defaultSsh: {}, problems: [], files: [] },
    section: <Entry>({ key }: SectionToken<Entry>) =>
      (sections.get(key) ?? new Map()) as ReadonlyMap<string, Entry>,
  };
}

/** The name of a check of its own: URLs that differ only in what is hidden are several, the same one twice is one. */
function keyOf({ name, address, input }: Given, entries: ReadonlyMap<string, Check>): string {
  const isOfAnother = entries.get(name)?.hosts.includes(address) === false;
  const base = isOfAnother ? `${address} ${name}` : name;
  for (let number = 1; ; number++) {
    const key = number === 1 ? base : `${base} (${number})`;
    const known = entries.get(key);
    if (!known || isDeepStrictEqual(known.input, input)) return key;
  }
}

function givenUrl(text: string): Given {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(
      t('--url: "{0}" is not a URL that begins with http:// or https://', withoutCredentials(text)),
    );
  const name = withoutCredentials(`${url.origin}${url.pathname}${url.search}`);
  // What stands in it is meant as it is.
  const plain = text.replace(/\{([A-Za-z][\w-]*(?:\.[\w./-]+)?)\}/g, '{{$1}}');
  return { address: url.hostname.replace(/^\[|\]$/g, ''), name, type: 'http', input: { url: plain } };
}

function givenPort(text: string): Given {
  const [, quoted, plain, digits] = /^(?:\[([^\]\s]+)\]|([^:\s[\]/@]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = quoted ?? plain;
  const port = Number(digits);
  const isSound =
    address !== undefined && (quoted === undefined || isIPv6(quoted)) && port >= 1 && port <= 65_535;
  if (isSound) return { address, name: `tcp:${port}`, type: 'tcp', input: { port } };
  throw new UsageError(t('--tcp: "{0}" is not HOST:PORT, such as db.example.com:5432 or [::1]:5432', text));
}
