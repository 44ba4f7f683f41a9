import { jsonLine, keyValueJson } from '../client/etcdJson';
import { differenceLine, eventLine, watchLines } from './watchLines';
import type { KeyRow, WatchControl, WatchRow } from './watchLog';

/** Rows as NDJSON, in the format of `muster etcd watch`; a row whose values were dropped says `valuesForgotten`. */
export function* exportRows(rows: Iterable<WatchRow>): Generator<string> {
  for (const row of rows)
    for (const line of row.kind === 'control' ? controlLines(row.control) : [keyLine(row)])
      yield `${jsonLine(line)}\n`;
}

function controlLines(control: WatchControl): Iterable<object> {
  if (control.type === 'ended') return [{ event: 'ended', error: control.error.message }];
  if (control.type === 'lost')
    return [{ event: 'lost', revision: control.revision, changes: control.changes }];
  if (control.type !== 'converged') return watchLines(control);
  const { revision, deletionsKnown } = control;
  return [{ event: 'converged', revision, deletionsKnown }];
}

function keyLine(row: KeyRow): object {
  if (!row.valuesForgotten) return wholeLine(row);
  // A value that was dropped is not told as an empty one.
  const known = Object.entries(wholeLine(row)).filter(([name]) => name !== 'value' && name !== 'prevValue');
  return { ...Object.fromEntries(known), valuesForgotten: true };
}

function wholeLine(row: KeyRow): object {
  switch (row.kind) {
    case 'event':
      return eventLine(row.event);
    case 'difference':
      return differenceLine(row.revision, row.change);
    case 'snapshot':
      return { event: 'snapshot', revision: row.revision, ...keyValueJson(row.kv) };
  }
}
