import { t } from '../../../l10n/l10n';
import { suggest } from '../../../inventory/selection/suggest';
import { matchesPatternList } from './wildcard';

/** The keywords of ssh_config that Muster understands, as ssh_config(5) writes them. */
const understood = {
  canonicalizehostname: 'CanonicalizeHostname',
  certificatefile: 'CertificateFile',
  connecttimeout: 'ConnectTimeout',
  globalknownhostsfile: 'GlobalKnownHostsFile',
  host: 'Host',
  hostkeyalias: 'HostKeyAlias',
  hostname: 'HostName',
  identitiesonly: 'IdentitiesOnly',
  identityagent: 'IdentityAgent',
  identityfile: 'IdentityFile',
  include: 'Include',
  match: 'Match',
  port: 'Port',
  proxycommand: 'ProxyCommand',
  proxyjump: 'ProxyJump',
  serveraliveinterval: 'ServerAliveInterval',
  tag: 'Tag',
  user: 'User',
  userknownhostsfile: 'UserKnownHostsFile',
} as const;

/** Those that give a host a value. */
export type ValueKeyword = Exclude<keyof typeof understood, 'host' | 'include' | 'match'>;

const spellings = new Map<string, string>(Object.entries(understood));

/** Keywords of OpenSSH that look like one of these. */
const lookalikes = new Set(
  ['channeltimeout', 'macs', 'usersh'].concat([
    'globalknownhostsfile2',
    'identityfile2',
    'userknownhostsfile2',
  ]),
);

export function isUnderstood(keyword: string): boolean {
  return spellings.has(keyword);
}

/** A keyword as ssh_config(5) writes it. What is not one is not shown: it may be of another kind of file. */
export function spelled(keyword: string): string {
  return spellings.get(keyword) ?? t('an unknown keyword');
}

/** The keyword that `keyword` was probably meant to be, unless `IgnoreUnknown` has a pattern for it. */
export function meantKeyword(keyword: string, ignored: readonly string[]): string | undefined {
  if (spellings.has(keyword) || lookalikes.has(keyword)) return undefined;
  if (matchesPatternList(ignored, keyword)) return undefined;
  return suggest(keyword, spellings.values());
}
