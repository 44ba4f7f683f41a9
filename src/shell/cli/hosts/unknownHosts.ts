import type { Inventory } from '../../../platform/inventory/model';
import { unknownAmong } from '../../../platform/inventory/selection/selector';
import { exitStatus } from '../exitStatus';

/** How a command exits that went well on the hosts that are known: more may have been meant. */
export function statusOfHosts(inventory: Inventory, selectors: readonly string[]): number {
  return unknownAmong(inventory, selectors).length > 0 ? exitStatus.failed : exitStatus.ok;
}
