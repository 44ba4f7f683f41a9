import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { type CsvError, type Info, parse } from 'csv-parse';
import { MusterError } from '../../errors/errors';
import { t } from '../../l10n/l10n';
import { finishBreathing, type Steps } from '../steps';
import { type HostImport, ImportCollector, maxImportedHosts } from './importedHosts';

/** What a column of a table is read as. */
export type ColumnRole =
  | 'name'
  | 'address'
  | 'user'
  | 'port'
  | 'proxyJump'
  | 'identityFile'
  | 'groups'
  | 'labels'
  | 'label'
  | 'ignore';

export interface TableColumn {
  /** As the first row names it, else `column 3`. */
  title: string;
  /** The first value that is not empty; none of a column that may hold secrets. */
  sample: string;
  role: ColumnRole;
}

export interface HostTable {
  columns: TableColumn[];
  rows: { line: number; cells: string[] }[];
}

const chunkLength = 65_536;
const maxColumns = 200;

/** Reads a CSV file whose values are separated by commas, semicolons or tabs. @throws MusterError INVENTORY */
export async function readHostTable(text: string): Promise<HostTable> {
  const rows: HostTable['rows'] = [];
  const parser = parse({
    ...{ bom: true, trim: true, info: true, relax_column_count: true, skip_empty_lines: true },
    ...{ delimiter: delimiterOf(text), max_record_size: 100_000, to: maxImportedHosts + 1 },
  });
  const chunks = Readable.from(chunksOf(text));
  try {
    for await (const { record, info } of chunks.pipe(parser) as AsyncIterable<{
      record: string[];
      info: Info;
    }>)
      rows.push({ line: info.lines, cells: record.slice(0, maxColumns) });
  } catch (error) {
    // The library quotes what it stumbles over.
    const message = (error as CsvError).message.replace(/, value is [^]*$/, '');
    throw new MusterError('INVENTORY', t('cannot be read as CSV: {0}', message), {
      phase: 'inventory',
      cause: error,
    });
  }
  const [head] = rows;
  // A first row with an address in it is no header.
  const hasHeader = head !== undefined && !head.cells.some((cell) => isIP(cell) !== 0);
  const data = hasHeader ? rows.slice(1) : rows;
  const width = rows.reduce((widest, { cells }) => Math.max(widest, cells.length), 0);
  const columns = Array.from({ length: width }, (_, index): TableColumn => {
    const title = (hasHeader && head.cells[index]) || t('column {0}', index + 1);
    const role = hasHeader ? roleOf(title) : 'ignore';
    const first = data.find(({ cells }) => (cells[index] ?? '') !== '')?.cells[index] ?? '';
    return { title, sample: isSecret(title) ? '' : first, role };
  });
  return { columns, rows: data };
}

function* chunksOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; start += chunkLength) yield text.slice(start, start + chunkLength);
}

function delimiterOf(text: string): string {
  const [line = ''] = text.split('\n', 1);
  const count = (delimiter: string) => line.split(delimiter).length;
  return [',', ';', '\t', '|'].reduce((best, one) => (count(one) > count(best) ? one : best));
}

const titles: Record<Exclude<ColumnRole, 'label' | 'ignore'>, RegExp> = {
  name: /^(name|host|hostname|hosts|server|servername|node|nodename|machine|instance|instancename|vm|vmname|alias)$/,
  address:
    /^(address|addr|ip|ips|ipaddress|ipaddr|ipv4|ipv4address|ipv6|fqdn|dns|dnsname|ansiblehost|privateip|privateipaddress|primaryip|managementip|mgmtip)$/,
  user: /^(user|username|login|sshuser|ansibleuser|remoteuser)$/,
  port: /^(port|sshport|ansibleport)$/,
  proxyJump: /^(proxyjump|jump|jumphost|bastion|gateway)$/,
  identityFile: /^(identityfile|keyfile|sshkey|sshkeyfile|privatekeyfile)$/,
  groups: /^(group|groups|ansiblegroups)$/,
  labels: /^(labels?|tags?)$/,
};

/** Columns that may hold secrets are left out unless they are asked for. */
const secret = /pass(word|phrase|wd)?|secret|token|credential|privatekey$/;

const plainTitle = (title: string) => title.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
const isSecret = (title: string) => secret.test(plainTitle(title));

function roleOf(title: string): ColumnRole {
  const plain = plainTitle(title);
  const known = (Object.keys(titles) as (keyof typeof titles)[]).find((role) => titles[role].test(plain));
  return known ?? (plain === '' || isSecret(title) ? 'ignore' : 'label');
}

/** Whether it must be asked which column is which: none names the hosts, or several might. */
export function isUnclear({ columns }: HostTable): boolean {
  const count = (role: ColumnRole) => columns.filter((column) => column.role === role).length;
  return count('name') + count('address') === 0 || count('name') > 1 || count('address') > 1;
}

/** The hosts of a table whose columns have their roles. */
export function hostsOfTable(table: HostTable): Promise<HostImport> {
  return finishBreathing(readingTable(table));
}

function* readingTable({ columns, rows }: HostTable): Steps<HostImport> {
  const collector = new ImportCollector();
  for (const { line, cells } of rows) {
    readRow(columns, cells, line, collector);
    yield;
  }
  return collector.result;
}

function readRow(
  columns: readonly TableColumn[],
  cells: readonly string[],
  line: number,
  collector: ImportCollector,
): void {
  const text = cells.join(', ');
  const valueOf = (role: ColumnRole) => {
    const index = columns.findIndex((column, at) => column.role === role && (cells[at] ?? '') !== '');
    return index < 0 ? undefined : cells[index];
  };
  const address = valueOf('address');
  const name = valueOf('name') ?? address;
  const port = valueOf('port');
  const jump = valueOf('proxyJump');
  const identity = valueOf('identityFile');
  const user = valueOf('user');
  if (name === undefined) return collector.refuse(line, text, t('the row names no host'));
  if (port !== undefined && !/^\d{1,5}$/.test(port))
    return collector.refuse(line, text, t('“{0}” is not a port', port));
  const pairs: [string, string][] = [];
  for (const [index, { role, title }] of columns.entries()) {
    const value = cells[index] ?? '';
    if (value === '') continue;
    if (role === 'label') pairs.push([labelName(title), value]);
    if (role === 'labels') pairs.push(...labelsIn(value));
  }
  const groups = (valueOf('groups') ?? '').split(/[\s,;|]+/).filter((group) => group !== '');
  collector.add(
    {
      ...{ name, labels: Object.fromEntries(pairs), line },
      ...(address !== undefined && { address }),
      ...(user !== undefined && { user }),
      ...(port !== undefined && { port: Number(port) }),
      ...(jump !== undefined && { proxyJump: jump.split(/[\s,;]+/).filter((part) => part !== '') }),
      ...(identity !== undefined && { identityFile: [identity] }),
    },
    groups,
    text,
  );
}

/** A title as a selector can name it. */
export function labelName(title: string): string {
  return (
    title
      .trim()
      .replace(/[^\p{L}\p{N}_./-]+/gu, '_')
      .replace(/^[^\p{L}\p{N}_]+/u, '') || 'label'
  );
}

/** `role=web;env=prod`, `role:web, env:prod`; a word alone is a label that is `true`. */
function labelsIn(text: string): [string, string][] {
  const words = text.split(/[;,|\s]+/).filter((word) => word !== '');
  return words.map((word) => {
    const [, label = word, value = 'true'] = /^([^=:]+)[=:](.*)$/s.exec(word) ?? [];
    return [labelName(label), value];
  });
}
