import { z } from 'zod';
import { MusterError } from '../../../platform/errors/errors';
import { t } from '../../../platform/l10n/l10n';
import { FactTable, type Row, type Unseen, unseenKinds } from './factTable';

const version = 1;

const unseenSchema = z.object({
  name: z.string().optional(),
  kind: z.enum(unseenKinds),
  detail: z.string(),
  isOptional: z.literal(true).optional(),
});
const schema = z.object({
  muster: z.literal('drift'),
  version: z.literal(version),
  takenAt: z.string(),
  facts: z.array(
    z.object({
      fact: z.string(),
      groups: z.array(
        z.object({
          hosts: z.array(z.string()),
          entries: z.record(z.string(), z.string()),
          unseen: z.array(unseenSchema),
        }),
      ),
    }),
  ),
});

/** What hosts show, as JSON in pieces: hosts with the same of a fact are written once. */
export function* snapshotParts(table: FactTable, takenAt: Date): Generator<string> {
  const head = JSON.stringify({ muster: 'drift', version, takenAt: takenAt.toISOString() });
  yield `${head.slice(0, -1)},"facts":[`;
  for (const [fact, key] of table.keys.entries()) {
    yield `${fact === 0 ? '\n' : ',\n'}{"fact":${JSON.stringify(key)},"groups":[`;
    let separator = '\n';
    for (const rows of sameOf(table, fact)) {
      const hosts = rows.map(({ host }) => host);
      yield `${separator}${JSON.stringify({ hosts, ...factOf(table, rows[0]!, fact) })}`;
      separator = ',\n';
    }
    yield ']}';
  }
  yield '\n]}\n';
}

function sameOf(table: FactTable, fact: number): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of table.rows.values()) {
    const pairs: number[][] = [];
    for (const [at, entry] of row.entries.entries())
      if (table.entries[entry]!.fact === fact) pairs.push([entry, row.states[at]!]);
    pairs.sort(([a], [b]) => a! - b!);
    const key = JSON.stringify([pairs, row.incomplete[fact]]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()];
}

function factOf(table: FactTable, row: Row, fact: number) {
  const entries: [string, string][] = [];
  const unseen: (Unseen & { name?: string })[] = [];
  for (const [at, number] of row.entries.entries()) {
    const entry = table.entries[number]!;
    if (entry.fact !== fact) continue;
    const state = table.stateOf(row.states[at]!);
    if (typeof state === 'string') entries.push([entry.name, state]);
    else unseen.push({ name: entry.name, ...state });
  }
  const why = row.incomplete[fact];
  return { entries: Object.fromEntries(entries.sort()), unseen: why ? [...unseen, why] : unseen };
}

/** The facts and hosts of a snapshot. @throws MusterError FORMAT */
export function readSnapshot(text: string): FactTable {
  const { facts } = parse(text);
  const table = new FactTable(facts.map(({ fact }) => fact));
  const rows = new Map<string, { entries: number[]; states: number[]; incomplete: (Unseen | undefined)[] }>();
  // A host of which it has another fact but not this one.
  const missing: Unseen = { kind: 'missing', detail: '' };
  const rowOf = (host: string) => {
    const row = rows.get(host) ?? { entries: [], states: [], incomplete: facts.map(() => missing) };
    rows.set(host, row);
    return row;
  };
  for (const [fact, { groups }] of facts.entries())
    for (const { hosts, entries, unseen } of groups) {
      const pairs: (readonly [number | undefined, number | undefined])[] = [];
      let why: Unseen | undefined;
      for (const [name, value] of Object.entries(entries))
        pairs.push([table.entry(fact, name), table.state(value, true)]);
      for (const { name, ...one } of unseen)
        if (name === undefined) why = one;
        else pairs.push([table.entry(fact, name), table.state(one, true)]);
      for (const row of hosts.map(rowOf)) {
        row.incomplete[fact] = why;
        for (const [entry, state] of pairs) {
          if (entry === undefined || state === undefined)
            throw new MusterError('TOO_LARGE', t('the snapshot holds too much text'));
          row.entries.push(entry);
          row.states.push(state);
        }
      }
    }
  for (const [host, { entries, states, incomplete }] of rows)
    table.rows.set(host, {
      ...{ host, incomplete },
      entries: Uint32Array.from(entries),
      states: Uint32Array.from(states),
    });
  return table;
}

function parse(text: string): z.infer<typeof schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notOne(error);
  }
  const read = schema.safeParse(value);
  if (!read.success) {
    const [{ path, message }] = read.error.issues as [z.core.$ZodIssue];
    throw notOne(new Error(`${path.join('.')}: ${message}`));
  }
  return read.data;
}

function notOne(cause: unknown): MusterError {
  return new MusterError('FORMAT', t('this is not a snapshot of muster drift, version {0}', version), {
    cause,
    hint: t('Make one with muster drift SELECTOR --save FILE.'),
  });
}
