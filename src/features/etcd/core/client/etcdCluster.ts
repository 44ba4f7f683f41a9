import type {
  ILeaseGrantResponse,
  ILeaseLeasesResponse,
  ILeaseTimeToLiveResponse,
  ITxnResponse,
} from 'etcd3/lib/rpc';
import { MusterError } from '../../../../platform/errors/errors';
import { type Logger, silentLogger } from '../../../../platform/host/host';
import { t } from '../../../../platform/l10n/l10n';
import { pemContext } from '../../../../platform/tls/tlsFiles';
import { etcdError, nothingWritten } from './etcdError';
import { EtcdWatch } from '../watch/etcdWatch';
import type { WatchOptions } from '../watch/etcdWatchRecord';
import { clusterStatus, type ClusterStatus } from './etcdStatus';
import { listPages, type ListOptions, type Page } from './etcdListing';
import { decodeLargeRange, decodeRange, leaseId, leaseName, type RangeAnswer } from './etcdMessages';
import { type Key, type KeyRange, type KeyValue, prefixRange, singleKey } from './etcdModel';
import { type EtcdSettings } from './etcdSettings';
import {
  type Change,
  deletionResult,
  dependsOnExistence,
  existenceTransaction,
  existingChanges,
  guardedDeletion,
  guardedTransaction,
  keyValueOf,
  type LeaseChoice,
  transactionResult,
  type WriteResult,
} from './etcdTransaction';
import { type CallOptions, EtcdTransport, type TransportPorts } from './etcdTransport';

export interface OpenOptions extends Omit<TransportPorts, 'logger'> {
  /** What paths of PEM files are relative to: the folder of muster.yaml. */
  directory: string;
  logger?: Logger;
}

export interface RangeOptions extends CallOptions {
  /** Keys at most; 0 or none: all, which fails with TOO_LARGE beyond 32 MiB. */
  limit?: number;
  /** Leaves the values out. */
  keysOnly?: boolean;
  /** Reads the past. COMPACTED when it is gone. */
  revision?: number;
}

export interface GetOptions extends CallOptions {
  revision?: number;
}

export interface PutOptions extends CallOptions {
  /** The modRevision that the key must have, 0 if it must not exist; without it whatever is there is overwritten. */
  ifRevision?: number;
  /** The key's own lease is kept by default. */
  lease?: LeaseChoice;
  /** Seconds: a new lease is granted and the key ends with it. Wins over `lease`. */
  ttl?: number;
}

export interface Lease {
  /** Hexadecimal, as etcdctl prints it. */
  id: string;
  /** Seconds that are left; undefined when the lease has ended. */
  ttl: number | undefined;
  /** Seconds that it was granted for. */
  grantedTtl: number;
  /** The keys that end with it, if they were asked for. */
  keys: Key[];
}

/** How often a write is tried whose keys come and go. */
const maxAttempts = 5;

const rangeMethod = { service: 'KV', name: 'Range', decode: (bytes: Buffer) => bytes } as const;
const txnMethod = { service: 'KV', name: 'Txn' } as const;
const grantMethod = { service: 'Lease', name: 'LeaseGrant' } as const;
const revokeMethod = { service: 'Lease', name: 'LeaseRevoke' } as const;
const timeToLiveMethod = { service: 'Lease', name: 'LeaseTimeToLive' } as const;
const leasesMethod = { service: 'Lease', name: 'LeaseLeases' } as const;

/**
 * A cluster to call. Nothing is connected before the first call; close it when it is not needed any more.
 * @throws MusterError INVENTORY for an endpoint that is no address, TLS for a file that cannot be used
 */
export async function openEtcd(settings: EtcdSettings, options: OpenOptions): Promise<EtcdCluster> {
  const { directory, logger = silentLogger, ...ports } = options;
  const context = await pemContext(settings.tls ?? {}, directory);
  return new EtcdCluster(settings, new EtcdTransport(settings, context, { ...ports, logger }));
}

/**
 * One etcd cluster (API v3, etcd 3.4 and later). Keys and values are bytes. Every method throws MusterError: AUTH (phase
 * auth: who it is; phase request: what is allowed), TLS, DNS, REFUSED, UNREACHABLE, RESET, TIMEOUT, CANCELLED,
 * COMPACTED, TOO_LARGE, NO_SPACE, PROTOCOL; those that write READ_ONLY too.
 */
export class EtcdCluster {
  constructor(
    readonly settings: EtcdSettings,
    /** For the watch. */
    readonly transport: EtcdTransport,
  ) {}

  /** Every endpoint asked by itself, and the alarms. Does not throw when endpoints fail. */
  status(options: CallOptions = {}): Promise<ClusterStatus> {
    return clusterStatus(this.transport, options);
  }

  /** One page of keys, in order. */
  async range(range: KeyRange, options: RangeOptions = {}): Promise<RangeAnswer> {
    const { limit = 0, keysOnly = false, revision = 0 } = options;
    const request = { ...wireRange(range), limit, keys_only: keysOnly, revision };
    const answer = await this.transport.read(rangeMethod, request, options);
    return decodeLargeRange(answer).catch((error: unknown) => Promise.reject(etcdError(error)));
  }

  /** All keys of `range` as they were at one revision, in pages of about a megabyte. */
  list(range: KeyRange, options: ListOptions = {}): AsyncGenerator<Page, void, undefined> {
    return listPages((part, limits) => this.range(part, limits), range, options);
  }

  /** Keys in `range`, without reading them. */
  async count(range: KeyRange, options: GetOptions = {}): Promise<number> {
    const request = { ...wireRange(range), count_only: true, revision: options.revision ?? 0 };
    return decodeRange(await this.transport.read(rangeMethod, request, options)).count;
  }

  /** The key now, or as it was at `revision`; undefined when it does not exist. */
  async get(key: Key, options: GetOptions = {}): Promise<KeyValue | undefined> {
    return (await this.range(singleKey(key), options)).kvs[0];
  }

  /** Several keys in one request, as `get`. etcd allows 128 by default; their values must fit into 32 MiB. */
  async getAll(keys: readonly Key[], options: GetOptions = {}): Promise<(KeyValue | undefined)[]> {
    const { revision = 0 } = options;
    const request = { success: keys.map((key) => ({ request_range: { key, revision: String(revision) } })) };
    const answer = await this.transport.read<ITxnResponse>(txnMethod, request, options);
    return answer.responses.map(({ response_range: { kvs } }) => kvs[0] && keyValueOf(kvs[0]));
  }

  async put(key: Key, value: Buffer, options: PutOptions = {}): Promise<WriteResult> {
    this.assertWritable();
    const { ifRevision, ttl } = options;
    const granted = ttl === undefined ? undefined : await this.grantLease(ttl, options);
    const lease = granted ? { id: granted.id } : options.lease;
    let result: WriteResult | undefined;
    try {
      result = await this.apply([{ type: 'put', key, value, lease, ifRevision }], options);
      return result;
    } finally {
      // Nothing hangs on it. After an error it ends by itself, since the write may have been done.
      if (granted && result?.ok === false) await this.revokeLease(granted.id).catch(() => {});
    }
  }

  delete(key: Key, options: CallOptions & { ifRevision?: number } = {}): Promise<WriteResult> {
    return this.apply([{ type: 'delete', key, ifRevision: options.ifRevision }], options);
  }

  /** Deletes all keys of `range` in one transaction, or none when one of them was written after `unchangedSince`. */
  async deleteRange(
    range: KeyRange,
    options: CallOptions & { unchangedSince?: number } = {},
  ): Promise<WriteResult> {
    this.assertWritable();
    const request = guardedDeletion(range, options.unchangedSince);
    const answer = await this.transport.write<ITxnResponse>(txnMethod, request, options);
    return deletionResult(options.unchangedSince, answer);
  }

  /** Deletes all keys that begin with `prefix`. */
  deletePrefix(
    prefix: Buffer,
    options: CallOptions & { unchangedSince?: number } = {},
  ): Promise<WriteResult> {
    return this.deleteRange(prefixRange(prefix), options);
  }

  /**
   * Moves value and lease of `from` to `to` in one transaction. Nothing is done when `to` exists, or `from` was changed
   * (since `ifRevision`, if it is given).
   */
  async rename(
    from: Key,
    to: Key,
    options: CallOptions & { ifRevision?: number } = {},
  ): Promise<WriteResult> {
    this.assertWritable();
    const { revision, kvs } = await this.range(singleKey(from), options).catch(rejectUnwritten);
    const [kv] = kvs;
    const expected = options.ifRevision ?? kv?.modRevision ?? 0;
    if (!kv || kv.modRevision !== expected)
      return { ok: false, revision, conflicts: [{ key: from, expected, current: kv }] };
    const lease = kv.lease === undefined ? 'none' : { id: kv.lease };
    return this.apply(
      [
        { type: 'put', key: to, value: kv.value, lease, ifRevision: 0 },
        { type: 'delete', key: from, ifRevision: kv.modRevision },
      ],
      options,
    );
  }

  /** Makes all `changes` in one transaction, or none when a guard does not hold. etcd allows 128 by default. */
  async apply(
    changes: readonly Change[],
    options: CallOptions & { /** Reads the values of conflicts, too. */ conflictValues?: boolean } = {},
  ): Promise<WriteResult> {
    this.assertWritable();
    const uncertain = changes.filter(dependsOnExistence);
    for (let attempt = 1; ; attempt++) {
      const existing = await this.existing(uncertain, options).catch(rejectUnwritten);
      const request = guardedTransaction(changes, existing, options.conflictValues);
      const answer = await this.transport.write<ITxnResponse>(txnMethod, request, options);
      const result = transactionResult(changes, answer);
      if (result.ok || result.conflicts.length > 0) return result;
      // A key came or went in between.
      if (attempt === maxAttempts)
        throw new MusterError('CONFLICT', t('the keys come and go faster than they can be written'), {
          ...{ phase: 'request', hint: t('Try again, or say what becomes of the leases.') },
        });
    }
  }

  private async existing(changes: readonly Change[], options: CallOptions): Promise<Set<Change>> {
    if (changes.length === 0) return new Set();
    const answer = await this.transport.read<ITxnResponse>(txnMethod, existenceTransaction(changes), options);
    return existingChanges(changes, answer);
  }

  /** Grants a lease of `ttl` seconds. */
  async grantLease(ttl: number, options: CallOptions = {}): Promise<Lease> {
    this.assertWritable();
    const answer = await this.transport.write<ILeaseGrantResponse>(grantMethod, { TTL: ttl, ID: 0 }, options);
    const seconds = Number(answer.TTL);
    return { id: nameOf(answer.ID), ttl: seconds, grantedTtl: seconds, keys: [] };
  }

  /** Ends a lease, and with it all of its keys. */
  async revokeLease(id: string, options: CallOptions = {}): Promise<void> {
    this.assertWritable();
    await this.transport.write(revokeMethod, { ID: leaseId(id) }, options);
  }

  async lease(id: string, options: CallOptions & { keys?: boolean } = {}): Promise<Lease> {
    const request = { ID: leaseId(id), keys: options.keys ?? false };
    const answer = await this.transport.read<ILeaseTimeToLiveResponse>(timeToLiveMethod, request, options);
    const ttl = Number(answer.TTL);
    return { id, ttl: ttl < 0 ? undefined : ttl, grantedTtl: Number(answer.grantedTTL), keys: answer.keys };
  }

  /** The ids of all leases. */
  async leases(options: CallOptions = {}): Promise<string[]> {
    const answer = await this.transport.read<ILeaseLeasesResponse>(leasesMethod, {}, options);
    return answer.leases.map(({ ID }) => nameOf(ID));
  }

  /** Tells every change of `range` from now on, or from a revision of the past. Close it, or end its iteration. */
  watch(range: KeyRange, options: WatchOptions = {}): EtcdWatch {
    return new EtcdWatch(this, range, options);
  }

  close(): Promise<void> {
    return this.transport.close();
  }

  /** @throws MusterError READ_ONLY */
  private assertWritable(): void {
    if (!this.settings.readOnly) return;
    throw new MusterError('READ_ONLY', t('etcd cluster {0} is read-only', this.settings.name), {
      phase: 'request',
      hint: t('Remove readOnly of the cluster in muster.yaml to write to it.'),
    });
  }
}

/** What fails before a write leaves everything as it was. */
function rejectUnwritten(error: unknown): Promise<never> {
  return Promise.reject(nothingWritten(error));
}

function wireRange({ start, end }: KeyRange) {
  return { key: start, ...(end && { range_end: end }) };
}

function nameOf(id: string): string {
  return leaseName(BigInt.asUintN(64, BigInt(id))) ?? '0';
}
