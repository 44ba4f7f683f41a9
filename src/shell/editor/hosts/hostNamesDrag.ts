import { DataTransferItem, type DataTransfer, type TreeDragAndDropController } from 'vscode';
import { hostNamesOf, type HostsNode } from './hostNodes';

const plainText = 'text/plain';

/** Rows that are dragged into an editor bring the names of their hosts, each once. */
export class HostNamesDrag implements TreeDragAndDropController<HostsNode> {
  readonly dragMimeTypes = [plainText];
  readonly dropMimeTypes: readonly string[] = [];

  handleDrag(nodes: readonly HostsNode[], data: DataTransfer): void {
    data.set(plainText, new DataTransferItem(namesIn(nodes).join(' ')));
  }
}

export function namesIn(nodes: readonly HostsNode[]): string[] {
  return [...new Set(nodes.flatMap((node) => hostNamesOf(node)))];
}
