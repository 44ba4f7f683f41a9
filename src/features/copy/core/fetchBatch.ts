import type { Host } from '../../../platform/inventory/model';
import type { TransferOptions, TransferReport } from './copyBatch';
import { transferBatch } from './copyBatch';

export interface FetchRequest {
  /** On each host. */
  source: string;
  /** Where each host has a folder; relative ones start in `cwd`. */
  folder: string;
  cwd: string;
}

export async function fetchBatch(
  hosts: readonly Host[],
  _request: FetchRequest,
  options: TransferOptions,
): Promise<TransferReport> {
  return transferBatch('fetch', hosts, options, async () => {});
}
