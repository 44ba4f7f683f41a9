import type { Inventory } from '../../../platform/inventory/model';
import { labelSelector } from '../../../platform/inventory/selection/labelSelector';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import type { Cli } from '../cli';
import { exitStatus } from '../exitStatus';
import { readFilesOnly } from '../hosts/openInventory';
import type { CommonOptions } from '../options';

export interface NamesOptions extends CommonOptions {
  /** Of what: how help calls the operand, or the value of an option. */
  names: string;
}

/** What can be named, by how help calls it. */
const known: Readonly<Record<string, (inventory: Inventory) => Iterable<string>>> = {
  selector: selectorsOf,
  host: ({ hosts }) => hosts.keys(),
  check: ({ section }) => section({ key: 'checks' }).keys(),
  cluster: ({ section }) => section({ key: 'etcd' }).keys(),
  log: ({ section }) => section({ key: 'logs' }).keys(),
  metric: ({ section }) => section({ key: 'metrics' }).keys(),
  profiler: ({ section }) => section({ key: 'profilers' }).keys(),
};

/**
 * Prints the names of a kind, one on a line, for a shell that completes a word: from files only, without connecting to
 * anything, and nothing at all where they cannot be read, since the person is in the middle of a line.
 */
export async function printNames(
  _operands: readonly string[],
  { names: kind, ...options }: NamesOptions,
  cli: Cli,
): Promise<number> {
  const names = await readFilesOnly(options, cli).then(
    (inventory) => (Object.hasOwn(known, kind) ? [...known[kind]!(inventory)] : []),
    () => [],
  );
  const lines = names.filter(isLine).map((name) => `${name}\n`);
  await cli.terminal.stdout.write(lines.join(''));
  return exitStatus.ok;
}

function selectorsOf({ hosts, groups }: Inventory): Iterable<string> {
  const labels = [...hosts.values()].flatMap((host) =>
    Object.entries(host.labels).map(([label, value]) => labelSelector(label, value)),
  );
  return new Set([
    ...hosts.keys(),
    ...[...groups.keys()].map((group) => `@${group}`),
    ...labels.filter((selector) => selector !== undefined),
    'all',
  ]);
}

/** Whether a shell can show it in a list, as it is and without a secret. */
function isLine(name: string): boolean {
  return !/\p{C}/u.test(name) && withoutCredentials(name) === name;
}
