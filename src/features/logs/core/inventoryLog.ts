import type { SourceRange } from '../../../platform/inventory/model';
import type { SectionToken } from '../../../platform/inventory/sectionToken';
import type { LogSource } from './logSource';

/** An entry of the section `logs`. */
export interface InventoryLog extends LogSource {
  readonly source: SourceRange;
}

export const inventoryLogs: SectionToken<InventoryLog> = { key: 'logs' };
