import { selectHosts } from '../../core/inventory/selector';
import type { HostsFlags } from '../flags';
import { openInventory } from '../openInventory';
import { ansibleHost, ansibleList } from '../output/ansibleInventory';
import { plainTable } from '../output/plainTable';
import { print, printJson } from '../output/print';
import { styleFor } from '../output/style';
import { usageError } from '../usageError';

export async function hosts(selectors: readonly string[], flags: HostsFlags): Promise<void> {
  if ((flags.list || flags.host !== undefined) && !flags.ansible)
    throw usageError('--list and --host go with --ansible');
  const inventory = await openInventory(flags);
  if (flags.host !== undefined) {
    const host = inventory.hosts.get(flags.host);
    // Ansible asks about hosts of its other inventories too.
    return printJson(host ? ansibleHost(host) : {});
  }
  const selected = selectors.length > 0 ? selectHosts(inventory, selectors) : [...inventory.hosts.values()];
  if (flags.ansible) return printJson(ansibleList(selected));
  if (flags.json) {
    return printJson(
      selected.map(({ name, address, labels, groups, ssh }) => ({ name, address, labels, groups, ssh })),
    );
  }
  const rows = selected.map(({ name, address, groups, labels }) => [
    name,
    address,
    groups.join(','),
    Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .join(','),
  ]);
  await print(
    `${plainTable(['HOST', 'ADDRESS', 'GROUPS', 'LABELS'], rows, styleFor(process.stdout, flags.color))}\n`,
  );
}
