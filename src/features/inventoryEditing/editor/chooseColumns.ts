import { l10n, type QuickPickItem, window } from 'vscode';
import type { ColumnRole, HostTable, TableColumn } from '../../../platform/inventory/importing/hostTable';

interface ColumnItem extends QuickPickItem {
  column?: TableColumn;
}

/** Asks which column names the hosts if that is unclear, and which ones become labels; undefined if given up. */
export async function chooseColumns(table: HostTable): Promise<HostTable | undefined> {
  const { isUnclear } = await import('../../../platform/inventory/importing/hostTable');
  let columns: readonly TableColumn[] = table.columns;
  if (isUnclear(table)) {
    const name = await chooseOne(columns, l10n.t('Which column has the names of the hosts?'), 'name');
    if (!name) return undefined;
    columns = name;
    const address = await chooseOne(
      columns,
      l10n.t('Which column has the addresses?'),
      'address',
      l10n.t('$(circle-slash) None: the names are the addresses'),
    );
    if (!address) return undefined;
    columns = address;
  }
  const free = columns.filter(({ role }) => role === 'label' || role === 'ignore');
  if (free.length === 0) return { ...table, columns: [...columns] };
  const picked = await window.showQuickPick(
    free.map((column): ColumnItem => ({ ...itemOf(column), picked: column.role === 'label', column })),
    {
      title: l10n.t('Import Hosts'),
      placeHolder: l10n.t('Which other columns become labels?'),
      canPickMany: true,
    },
  );
  if (!picked) return undefined;
  const labels = new Set(picked.map(({ column }) => column));
  const withLabels = columns.map((column): TableColumn =>
    free.includes(column) ? { ...column, role: labels.has(column) ? 'label' : 'ignore' } : column,
  );
  return { ...table, columns: withLabels };
}

async function chooseOne(
  columns: readonly TableColumn[],
  placeHolder: string,
  role: ColumnRole,
  none?: string,
): Promise<TableColumn[] | undefined> {
  // What another step has chosen is not offered again.
  const offered = columns.filter((column) => role === 'name' || column.role !== 'name');
  const items: ColumnItem[] = offered.map((column) => ({ ...itemOf(column), column }));
  if (none !== undefined) items.push({ label: none });
  const picked = await window.showQuickPick(items, { title: l10n.t('Import Hosts'), placeHolder });
  if (!picked) return undefined;
  return columns.map((column) => {
    if (column === picked.column) return { ...column, role };
    return column.role === role ? { ...column, role: 'label' } : column;
  });
}

function itemOf({ title, sample }: TableColumn): QuickPickItem {
  return { label: title.replace(/\$\(/g, '$ ('), description: sample.slice(0, 60).replace(/\$\(/g, '$ (') };
}
