import type { MusterHost, MusterInventory } from '../../../../api/muster';
import type { Host } from '../../../platform/inventory/model';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { checks } from '../../checks/core/check';

/** Copies: what another extension does to them changes nothing here. */
export function apiHost({ name, address, labels, groups, readOnly }: Host): MusterHost {
  return { name, address, labels: { ...labels }, groups: [...groups], readOnly: readOnly !== undefined };
}

const snapshots = new WeakMap<NonNullable<Fleet['inventory']>, MusterInventory>();

export function apiInventory({ label, file, inventory }: Fleet): MusterInventory | undefined {
  if (!inventory) return undefined;
  let snapshot = snapshots.get(inventory);
  if (!snapshot) {
    snapshot = {
      ...{ label, file },
      hosts: [...inventory.hosts.values()].map(apiHost),
      groups: [...inventory.groups.values()].map(({ name, hosts }) => ({ name, hosts: [...hosts] })),
      checks: [...inventory.section(checks).values()].map(({ name, type, hosts }) => ({
        name,
        type,
        hosts: [...hosts],
      })),
    };
    snapshots.set(inventory, snapshot);
  }
  return snapshot;
}
