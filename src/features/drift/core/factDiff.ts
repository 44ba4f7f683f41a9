import { t } from '../../../platform/l10n/l10n';
import type { FactTable } from './factTable';

/** All that a host shows, a line for each entry: what is absent has none. */
export function factText(table: FactTable, host: string): string {
  const row = table.rows.get(host);
  if (!row) return '';
  const lines: string[] = [];
  let fact = -1;
  for (const [entry, state] of table.statesOf(row)) {
    if (entry.fact !== fact) {
      fact = entry.fact;
      lines.push(`[${table.keys[fact]!}]`);
      const why = row.incomplete[fact];
      if (why)
        lines.push(t('cannot be seen as a whole: {0}', [why.kind, why.detail].filter(Boolean).join(': ')));
    }
    if (typeof state === 'string') lines.push(`${entry.name}: ${state}`);
    else if (state && state !== row.incomplete[fact]) lines.push(`${entry.name}: ${t('cannot be seen')}`);
  }
  return `${lines.join('\n')}\n`;
}
