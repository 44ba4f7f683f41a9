import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import {
  type EtcdCluster,
  openEtcd,
  type OpenOptions,
} from '../../../../src/features/etcd/core/client/etcdCluster';
import { prefixRange } from '../../../../src/features/etcd/core/client/etcdModel';
import type { EtcdSettings } from '../../../../src/features/etcd/core/client/etcdSettings';
import type { EtcdWatch } from '../../../../src/features/etcd/core/watch/etcdWatch';
import type { WatchEvent, WatchRecord } from '../../../../src/features/etcd/core/watch/etcdWatchRecord';
import type { EtcdFarm } from '../../../harness/etcd';
import { until } from '../../../harness/until';

const run = promisify(execFile);

export const bytes = (text: string) => Buffer.from(text);
export const under = (prefix: string) => prefixRange(bytes(prefix));

/** A cluster that closes with its scope. */
export async function connect(
  endpoints: readonly string[],
  settings: Partial<EtcdSettings> = {},
  options: Partial<OpenOptions> = {},
): Promise<EtcdCluster & AsyncDisposable> {
  const cluster = await openEtcd(
    { name: 'main', endpoints, prefix: '', readOnly: false, protected: false, ...settings },
    { directory: '/', ...options },
  );
  return Object.assign(cluster, { [Symbol.asyncDispose]: () => cluster.close() });
}

/** Puts `count` values under `prefix` from another process, and gives the last revision. */
export async function write(
  endpoints: readonly string[],
  prefix: string,
  count: number,
  valueBytes = 10,
): Promise<number> {
  const script = path.resolve('test/harness/etcdWriter.mjs');
  const words = [script, endpoints.join(','), prefix, String(count), String(valueBytes)];
  const { stdout } = await run(process.execPath, words);
  return Number(stdout);
}

/** Takes everything that a watch tells, until it is closed. */
export class Witness {
  readonly records: WatchRecord[] = [];
  readonly events: WatchEvent[] = [];
  readonly ended: Promise<unknown>;

  constructor(readonly watch: EtcdWatch) {
    this.ended = this.take().catch((error: unknown) => error);
  }

  of<Type extends WatchRecord['type']>(type: Type): Extract<WatchRecord, { type: Type }>[] {
    return this.records.filter(
      (record): record is Extract<WatchRecord, { type: Type }> => record.type === type,
    );
  }

  get revision(): number {
    return this.events.at(-1)?.revision ?? 0;
  }

  private async take(): Promise<void> {
    for await (const record of this.watch) {
      if (record.type === 'events') this.events.push(...record.events);
      this.records.push(record.type === 'events' ? { type: 'events', events: [] } : record);
    }
  }
}

/** Every number from `first` to `last`. */
export const span = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Where the watch of a witness began: its revision, the member it is on, and the endpoints of the others. */
export async function whereItBegan(witness: Witness, { members, endpoints }: EtcdFarm) {
  const { endpoint, revision } = await until('the watch', () => witness.of('connected')[0]);
  return {
    ...{ endpoint, revision },
    member: members.find(({ url }) => url === endpoint)!,
    others: endpoints.filter((url) => url !== endpoint),
  };
}

/** Puts `count` keys under `prefix`, 5,000 in each transaction: the cluster needs `--max-txn-ops 5000`. */
export async function massPut(cluster: EtcdCluster, prefix: string, count: number): Promise<void> {
  for (let first = 0; first < count; first += 5_000) {
    const numbers = span(first, Math.min(count, first + 5_000) - 1);
    const keys = numbers.map((number) => bytes(`${prefix}${String(number).padStart(8, '0')}`));
    await cluster.apply(
      keys.map((key) => ({
        type: 'put',
        key,
        value: Buffer.concat([bytes('value of '), key]),
        lease: 'none',
      })),
      { timeoutMs: 120_000 },
    );
  }
}

/** That what `massPut` has put was deleted by one revision: each key once, with the value before. */
export function expectMassDeletion({ events }: Witness, count: number): void {
  expect(events.length).toBe(count);
  expect(new Set(events.map(({ key }) => key.toString())).size).toBe(count);
  expect(new Set(events.map(({ revision }) => revision)).size).toBe(1);
  const wrong = events.filter(
    ({ type, key, previous }) =>
      type !== 'delete' || previous?.value.toString() !== `value of ${key.toString()}`,
  );
  expect(wrong.length).toBe(0);
}
