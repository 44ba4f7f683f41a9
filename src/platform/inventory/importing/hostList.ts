import { isIP } from 'node:net';
import { t } from '../../l10n/l10n';
import { splitHostSet } from '../selection/hostSet';
import type { Steps } from '../steps';
import { type HostImport, ImportCollector, type ImportedHost } from './importedHosts';

/**
 * Reads hosts from a list as people keep them, one line after the other: `user@host:port`, ranges, several names
 * separated by commas, labels (`role=web`) behind a name, lines of /etc/hosts, and comments after `#`.
 */
export function* readingHostList(text: string): Steps<HostImport> {
  const collector = new ImportCollector();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|[\n\r]/)
    .entries()) {
    const line = raw.replace(/(^|\s)[#;].*$/, '').trim();
    if (line !== '') readLine(line, index + 1, collector);
    yield;
  }
  return collector.result;
}

function readLine(text: string, line: number, collector: ImportCollector): void {
  const [first = '', ...rest] = text.replace(/^[-*•]\s+/, '').split(/\s+(?![^[]*\])/);
  const pairs: [string, string][] = [];
  const names: string[] = [];
  for (const word of rest) {
    const [, label, value] = /^([\p{L}\p{N}_][\p{L}\p{N}_./-]*)=(.*)$/su.exec(word) ?? [];
    if (label !== undefined && value !== undefined)
      pairs.push([label, value.replace(/^(["'])(.*)\1$/, '$2')]);
    else names.push(word);
  }
  const labels = Object.fromEntries(pairs);
  // /etc/hosts: an address, then its names, of which the first is the host's.
  if (isIP(first) !== 0 && names.length > 0) {
    collector.add({ name: names[0]!, address: first, labels, line }, [], text);
    return;
  }
  const words = [first, ...names].join(' ').includes(',')
    ? splitHostSet([first, ...names].join(' '))
    : [first];
  if (words.length === 1 && names.length > 0) {
    collector.refuse(
      line,
      text,
      t('“{0}” is neither a label (name=value) nor separated by a comma', names[0]),
    );
    return;
  }
  for (const word of words) {
    const host = hostOf(word);
    if (host) collector.add({ ...host, labels, line }, [], words.length > 1 ? word : text);
    else collector.refuse(line, text, t('“{0}” is not of the form user@host:port', word));
  }
}

const form =
  /^(?:ssh:\/\/)?(?:(?<user>[^@\s]+)@)?(?:\[(?<v6>[0-9a-fA-F:.%]+)\]|(?<host>[^@\s/]+?))(?::(?<port>\d+))?\/?$/;

function hostOf(word: string): Pick<ImportedHost, 'name' | 'user' | 'port'> | undefined {
  const bare = /^(?:(?<user>[^@\s]+)@)?(?<host>[^@\s]+)$/.exec(word)?.groups;
  if (bare && isIP(bare['host']!) === 6)
    return { name: bare['host']!, ...(bare['user'] !== undefined && { user: bare['user'] }) };
  const { user, v6, host = v6, port } = form.exec(word)?.groups ?? {};
  if (host === undefined) return undefined;
  return {
    name: host,
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port: Number(port) }),
  };
}
