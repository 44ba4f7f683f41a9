/** How the Hosts view groups its hosts: by the inventory's groups, by the values of a label, or not at all. */
export type HostGrouping = { by: 'group' } | { by: 'label'; label: string } | { by: 'none' };

/** `state` puts the worst first, names deciding among equals. */
export type HostOrder = 'inventory' | 'name' | 'state';

export interface HostArrangement {
  grouping: HostGrouping;
  order: HostOrder;
}

export const usualArrangement: HostArrangement = { grouping: { by: 'group' }, order: 'inventory' };

const orders: readonly string[] = ['inventory', 'name', 'state'] satisfies HostOrder[];

/** What was stored, by whichever version; the usual one for what makes no sense. */
export function readArrangement(value: unknown): HostArrangement {
  const { grouping, order } = recordOf(value);
  const { by, label } = recordOf(grouping);
  return {
    grouping:
      by === 'label' && typeof label === 'string' && label !== ''
        ? { by, label }
        : { by: by === 'none' ? 'none' : 'group' },
    order: orders.includes(order as string) ? (order as HostOrder) : usualArrangement.order,
  };
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** Names as people order them: web-2 before web-10. */
export function byName(a: string, b: string): number {
  return collator.compare(a, b);
}
