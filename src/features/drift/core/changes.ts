import { t } from '../../../platform/l10n/l10n';
import { FactTable, type Row, type State, type Unseen } from './factTable';

/** The name of the row that stands for no change. */
export const unchanged = ' unchanged';

/**
 * What has changed on each host since a snapshot, as a table whose states are changes. The snapshot has the same facts.
 * A host that it does not have cannot be compared; of an incomplete fact it is not said that an entry has not changed.
 */
export function changesSince(snapshot: FactTable, now: FactTable, name: string): FactTable {
  const changes = new FactTable(now.keys);
  const complete = now.keys.map(() => undefined);
  const none = new Uint32Array();
  changes.rows.set(unchanged, { host: unchanged, entries: none, states: none, incomplete: complete });
  for (const [host, row] of now.rows) {
    const before = snapshot.rows.get(host);
    changes.rows.set(host, before ? changedRow(changes, [snapshot, before], [now, row]) : unknownRow(host));
  }
  return changes;

  function unknownRow(host: string): Row {
    const why: Unseen = { kind: 'missing', detail: name };
    return { host, entries: none, states: none, incomplete: now.keys.map(() => why) };
  }
}

type Side = readonly [FactTable, Row];

function changedRow(changes: FactTable, [before, was]: Side, [after, is]: Side): Row {
  const entries: number[] = [];
  const states: number[] = [];
  const incomplete = changes.keys.map((_, fact) => was.incomplete[fact] ?? is.incomplete[fact]);
  const add = (fact: number, name: string, state: string | Unseen) => {
    const [entry, number] = [changes.entry(fact, name), changes.state(state, true)];
    if (entry === undefined || number === undefined) {
      incomplete[fact] = { kind: 'cut', detail: '' };
      return;
    }
    entries.push(entry);
    states.push(number);
  };
  const [old, own] = [ownStates(before, was), ownStates(after, is)];
  for (const key of new Set([...old.keys(), ...own.keys()])) {
    const tab = key.indexOf('\t');
    const [fact, name] = [Number(key.slice(0, tab)), key.slice(tab + 1)];
    const from: State = old.get(key) ?? was.incomplete[fact] ?? null;
    const to: State = own.get(key) ?? is.incomplete[fact] ?? null;
    const hidden = [from, to].find((state): state is Unseen => typeof state === 'object' && state !== null);
    if (hidden) add(fact, name, hidden);
    else if (from !== to) add(fact, name, `${stateText(from)} → ${stateText(to)}`);
  }
  return { host: is.host, entries: Uint32Array.from(entries), states: Uint32Array.from(states), incomplete };
}

function ownStates(table: FactTable, { entries, states }: Row): Map<string, string | Unseen> {
  const own = new Map<string, string | Unseen>();
  for (const [at, number] of entries.entries()) {
    const { fact, name } = table.entries[number]!;
    own.set(`${fact}\t${name}`, table.stateOf(states[at]!));
  }
  return own;
}

/** What a host has of an entry, in words. */
export function stateText(state: State): string {
  return state === null ? t('absent') : typeof state === 'string' ? state : state.kind;
}
