import type { TreeRow } from './readDom';
import { until } from './until';
import type { Workbench } from './workbench';

/** Waits until a view, by default the Hosts view, shows a row of this name with such a description and icon. */
export async function treeRowWhen(
  workbench: Workbench,
  name: string,
  description: RegExp,
  icon = /./,
  view = 'Hosts',
): Promise<TreeRow> {
  let rows: TreeRow[] = [];
  try {
    return await until(`${name}: ${description.source}`, async () => {
      rows = await workbench.treeRows(view);
      return rows.find(
        (row) => row.name === name && description.test(row.description) && icon.test(row.icon),
      );
    });
  } catch (error) {
    const shown = rows.map((row) => `${row.icon} ${row.name}: ${row.description}`).join('\n');
    throw new Error(`${(error as Error).message}, but\n${shown}`, { cause: error });
  }
}
