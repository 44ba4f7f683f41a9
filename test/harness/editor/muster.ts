import { extensions, type TreeItem } from 'vscode';
import type { HostsNode } from '../../../src/shell/editor/hosts/hostNodes';
import { until } from '../until';
import type { MusterUnderTest } from './extensionUnderTest';

/** The extension under test: what other extensions are given, and what a user sees. */
export type Muster = MusterUnderTest & MusterUnderTest['shown'];

/** The extension under test, active and with its inventories read. */
export async function activeMuster(): Promise<Muster> {
  const muster = await extensions.getExtension<MusterUnderTest>('muster-ops.muster')!.activate();
  await muster.shown.ready;
  return { ...muster, ...muster.shown };
}

/** A row of the Hosts view as it is drawn. */
export interface Row {
  label: string;
  description: string;
  icon: string;
  node: HostsNode;
}

export function rows({ hosts }: Muster, parent?: Row): Row[] {
  return hosts.tree.getChildren(parent?.node).map((node) => rowOf(hosts.tree.getTreeItem(node), node));
}

/** The row below the given labels, outermost first. */
export function row(muster: Muster, ...path: string[]): Row | undefined {
  return path.reduce<Row | undefined>(
    (parent, label, depth) =>
      depth > 0 && !parent ? undefined : rows(muster, parent).find((one) => one.label === label),
    undefined,
  );
}

/** Waits until the row is there and meets the condition. */
export function rowWhen(muster: Muster, path: string[], is: (row: Row) => boolean): Promise<Row> {
  return until(path.join(' → '), () => {
    const found = row(muster, ...path);
    return found && is(found) ? found : undefined;
  });
}

function rowOf(item: TreeItem, node: HostsNode): Row {
  const icon = item.iconPath as { id: string };
  return { label: item.label as string, description: item.description as string, icon: icon.id, node };
}
