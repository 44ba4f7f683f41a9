import { once } from 'node:events';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { t } from '../../../l10n/l10n';
import { endShell, spawnShell } from '../../local/shellProcess';
import { localUser } from './sshTokens';
import { matchesPatternList } from './wildcard';

/** One demand of a `Match` line. */
export interface Criterion {
  /** In lower case. */
  name: string;
  negated: boolean;
  /** Empty for those that take none. */
  argument: string;
}

/** What the criteria of a `Match` line are compared with. */
export interface MatchContext {
  /** The name given. */
  alias: string;
  /** The name to connect to, so far. */
  host: string;
  /** The remote user, so far. */
  user: string | undefined;
  /** The value of `Tag`, so far. */
  tag: string | undefined;
  /** Whether this is the second reading of the files. */
  final: boolean;
  /** Whether `exec` may run its command: in the user's own files, not in those of a project. */
  mayExecute: boolean;
  expand: (command: string) => string;
  /** Takes the criterion that keeps a block out because its value is not known. */
  reportUnknown: (name: string) => void;
}

/** Milliseconds that the command of `Match exec` may take. */
const execLimitMs = 5000;

const listMatches = (list: string, text: string) => matchesPatternList(list.split(','), text);
const hostMatches = (list: string, host: string) => listMatches(list.toLowerCase(), host.toLowerCase());

/** Whether a criterion holds; undefined where that is not known here: what will be run, which OpenSSH there would be. */
type Evaluate = (argument: string, context: MatchContext) => boolean | undefined | Promise<boolean>;

const withArgument: Record<string, Evaluate> = {
  host: (list, { host }) => hostMatches(list, host),
  originalhost: (list, { alias }) => hostMatches(list, alias),
  user: (list, { user }) => listMatches(list, user ?? localUser()),
  localuser: (list) => listMatches(list, localUser()),
  tagged: (list, { tag = '' }) => (tag === '' ? list === '' : listMatches(list, tag)),
  localnetwork: (list) => isOnNetwork(list.split(',')),
  exec: (command, { mayExecute, expand }) => (mayExecute ? succeeds(expand(command)) : undefined),
  command: () => undefined,
  sessiontype: () => undefined,
  version: () => undefined,
};

const withoutArgument: Record<string, Evaluate> = {
  all: () => true,
  canonical: (_, { final }) => final,
  final: (_, { final }) => final,
};

const mayBeEmpty = new Set(['tagged', 'command']);

/** The criteria that the words of a `Match` line come to, see ssh_config(5), or what is wrong with them. */
export function parseCriteria(words: readonly string[]): Criterion[] | string {
  const criteria: Criterion[] = [];
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift()!;
    const [, sign, written = '', joined] = /^(!?)([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const name = written.toLowerCase();
    const negated = sign === '!';
    if (Object.hasOwn(withoutArgument, name) && joined === undefined) {
      criteria.push({ name, negated, argument: '' });
      continue;
    }
    if (!Object.hasOwn(withArgument, name)) return t('“{0}” is not a criterion', word);
    // Older versions of OpenSSH take spaces around the sign, too.
    if (joined === undefined && rest[0] === '=') rest.shift();
    const argument = joined === undefined || (joined === '' && !mayBeEmpty.has(name)) ? rest.shift() : joined;
    if (argument === undefined || (argument === '' && !mayBeEmpty.has(name)))
      return t('the argument of “{0}” is missing', word);
    criteria.push({ name, negated, argument });
  }
  const all = criteria.findIndex(({ name }) => name === 'all');
  if (all > 1 || (all >= 0 && all < criteria.length - 1)) return t('“all” stands alone');
  return criteria;
}

/** Whether all criteria of a `Match` line hold; never where one is not known. Runs no command once one has failed. */
export async function matches(criteria: readonly Criterion[], context: MatchContext): Promise<boolean> {
  let unknown: string | undefined;
  for (const { name, negated, argument } of criteria) {
    if (name === 'exec' && unknown !== undefined) continue;
    const holds = await (withArgument[name] ?? withoutArgument[name])?.(argument, context);
    if (holds === undefined) unknown ??= name;
    else if (holds === negated) return false;
  }
  if (unknown !== undefined) context.reportUnknown(unknown);
  return unknown === undefined;
}

/** Whether an interface of this machine has an address in one of the networks. */
function isOnNetwork(networks: readonly string[]): boolean | undefined {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const version = isIP(address);
    const bits = prefix === undefined ? (version === 6 ? 128 : 32) : Number(prefix);
    if (version === 0 || !/^\d*$/.test(prefix ?? '') || bits > (version === 6 ? 128 : 32)) return undefined;
    list.addSubnet(address, bits, version === 6 ? 'ipv6' : 'ipv4');
  }
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address, family }) => list.check(address, family === 'IPv6' ? 'ipv6' : 'ipv4')),
  );
}

async function succeeds(command: string): Promise<boolean> {
  const child = spawnShell(command, 'ignore');
  const timer = setTimeout(() => void endShell(child), execLimitMs);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code === 0;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
