import { changesSince, unchanged } from './changes';
import { compareFacts, type Comparison } from './compareFacts';
import { FactTable } from './factTable';

/** What hosts are held against in place of each other: a host, or what was saved earlier. */
export type Baseline = { readonly host: string } | { readonly snapshot: FactTable; readonly name: string };

/** Folds a table, and the table that this is about: with a snapshot of several hosts that has changes. */
export function compareWith(
  table: FactTable,
  baseline: Baseline | undefined,
): { comparison: Comparison; compared: FactTable } {
  if (!baseline) return { comparison: compareFacts(table), compared: table };
  if ('host' in baseline) {
    // Without an answer of its own it is held against nothing.
    const against = table.rows.has(baseline.host) ? { host: baseline.host } : undefined;
    return { comparison: compareFacts(table, against), compared: table };
  }
  const { name } = baseline;
  const snapshot = sameFacts(baseline.snapshot, table.keys);
  const [only, ...more] = snapshot.rows.keys();
  if (only === undefined || more.length > 0 || table.rows.has(only)) {
    const compared = changesSince(snapshot, table, name);
    const against = { host: unchanged, isSnapshot: true, isChanges: true };
    return { comparison: compareFacts(compared, against), compared };
  }
  const host = `${only} (${name})`;
  const compared = table.copy();
  compared.rows.set(host, compared.adopt(snapshot, snapshot.rows.get(only)!, host));
  return { comparison: compareFacts(compared, { host, isSnapshot: true }), compared };
}

/** The same hosts with these facts only, in this order. */
function sameFacts(snapshot: FactTable, keys: readonly string[]): FactTable {
  const chosen = new FactTable(keys);
  for (const row of snapshot.rows.values()) chosen.rows.set(row.host, chosen.adopt(snapshot, row));
  return chosen;
}
