import type { Host } from '../../../platform/inventory/model';
import { selectHosts } from '../../../platform/inventory/selection/selector';
import { valueWithoutCredentials } from '../../../platform/redaction/withoutCredentials';
import type { Cli } from '../cli';
import { UsageError } from '../exitStatus';
import { openHosts } from './openInventory';
import { t } from '../l10n';
import type { CommonOptions } from '../options';
import { ansibleHost, ansibleInventory } from './ansibleInventory';
import { statusOfHosts } from './unknownHosts';
import { NdjsonStream } from '../output/jsonOutput';
import { jsonText } from '../output/jsonText';
import { printable } from '../../../platform/text/printable';
import type { Colors } from '../output/outputStream';
import { formatTable } from '../output/table';

export interface HostsCommandOptions extends CommonOptions {
  ansible?: boolean;
  list?: boolean;
  host?: string;
}

/** @throws UsageError, MusterError INVENTORY */
export async function listHosts(
  selectors: readonly string[],
  options: HostsCommandOptions,
  cli: Cli,
): Promise<number> {
  if (!options.ansible && (options.list || options.host !== undefined))
    throw new UsageError(t('--list and --host go with --ansible'));
  const inventory = await openHosts(options, cli);
  const hosts = selectors.length > 0 ? selectHosts(inventory, selectors) : [...inventory.hosts.values()];
  const { stdout } = cli.terminal;
  // There is nothing to cancel but the printing.
  cli.interruption.dispose();
  if (options.ansible) {
    const answer =
      options.host === undefined ? ansibleInventory(inventory, hosts) : ansibleHost(inventory, options.host);
    await stdout.write(`${jsonText(answer, 2)}\n`);
  } else if (options.ndjson) {
    const lines = new NdjsonStream(stdout);
    for (const host of hosts) lines.push(hostJson(host));
    await lines.end();
  } else if (options.json) {
    await stdout.write(`${jsonText(hosts.map(hostJson), 2)}\n`);
  } else await stdout.write(await hostTable(hosts, stdout.colors));
  return cli.interruption.exitStatus ?? statusOfHosts(inventory, selectors);
}

function hostJson({ name, address, labels, groups, ssh, transport, foundBy }: Host): object {
  return { name, address, ...valueWithoutCredentials({ labels, groups, ssh }), transport, foundBy };
}

async function hostTable(hosts: readonly Host[], colors: Colors): Promise<string> {
  const rows = hosts.map(({ name, address, groups, labels }) => [
    colors.bold(name),
    printable(address),
    groups.join(','),
    Object.entries(valueWithoutCredentials(labels))
      .map(([label, value]) => `${label}=${printable(value)}`)
      .join(' '),
  ]);
  return formatTable([t('HOST'), t('ADDRESS'), t('GROUPS'), t('LABELS')], rows, colors);
}
