import { l10n } from 'vscode';
import { printable } from '../../../platform/text/printable';
import type { HostChoice } from '../../../shell/editor/commands/pickHosts';
import type { TransferSettings } from '../core/transfer';

/** Local files that go to hosts. Whoever makes one has not asked yet. */
export interface CopyOrder extends HostChoice {
  kind: 'copy';
  /** Absolute. */
  sources: readonly string[];
  /** On each host, as it was typed. */
  destination: string;
  settings: Pick<TransferSettings, 'checksum' | 'backup' | 'resume'>;
}

/** A file or folder of hosts that comes into a folder for each. */
export interface FetchOrder extends HostChoice {
  kind: 'fetch';
  source: string;
  /** Absolute. */
  folder: string;
}

export type TransferOrder = CopyOrder | FetchOrder;

/** What is moved, as it is shown: the name of the only file, or how many there are. */
export function nameOf(order: TransferOrder): string {
  if (order.kind === 'fetch') return printable(order.source, 200);
  const [only] = order.sources;
  if (order.sources.length > 1) return l10n.t('{0} files and folders', order.sources.length);
  return printable(only!.replace(/^.*[/\\](?=.)/s, ''), 200);
}
