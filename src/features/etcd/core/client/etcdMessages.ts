import { setImmediate as turn } from 'node:timers/promises';
import { t } from '../../../../platform/l10n/l10n';
import type { KeyValue } from './etcdModel';

/**
 * Decoders of the messages that arrive in bulk (etcd's rpc.proto and kv.proto), since the general ones make text of
 * every number and objects of every message: they take three times as long.
 */

export interface RangeAnswer {
  /** The revision of the store when it answered. */
  revision: number;
  kvs: KeyValue[];
  /** Whether the limit left keys out. */
  more: boolean;
  /** Keys in the range, regardless of the limit. */
  count: number;
}

export interface EventMessage {
  type: 'put' | 'delete';
  kv: KeyValue;
  previous: KeyValue | undefined;
}

export interface WatchMessage {
  /** Identity of the cluster: two with one history have the same. */
  clusterId: bigint;
  memberId: bigint;
  revision: number;
  watchId: number;
  created: boolean;
  canceled: boolean;
  compactRevision: number;
  cancelReason: string;
  /** More of the same revisions follows in the next message. */
  fragment: boolean;
  events: EventMessage[];
}

interface Header {
  clusterId: bigint;
  memberId: bigint;
  revision: number;
}

/** Reads the fields of one message (protobuf's wire format), of which unknown ones are skipped. */
class FieldReader {
  field = 0;
  private wireType = 0;
  private at: number;

  constructor(
    private readonly bytes: Buffer,
    begin = 0,
    private readonly end = bytes.length,
  ) {
    this.at = begin;
  }

  /** Moves to the next field. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const tag = this.number();
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    return true;
  }

  /** A varint below 2^53; greater ones lose their low bits. */
  number(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      if (this.at >= this.end) throw new RangeError(t('a message of etcd is cut off'));
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** A varint of up to 64 bits, without a sign. */
  bigint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (this.at >= this.end) throw new RangeError(t('a message of etcd is cut off'));
      const byte = this.bytes[this.at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  }

  /** A copy: a view would keep the whole message for as long as one key of it is shown. */
  copy(): Buffer {
    const [begin, end] = this.span();
    const copy = Buffer.allocUnsafe(end - begin);
    this.bytes.copy(copy, 0, begin, end);
    return copy;
  }

  text(): string {
    const [begin, end] = this.span();
    return this.bytes.toString('utf8', begin, end);
  }

  message(): FieldReader {
    const [begin, end] = this.span();
    return new FieldReader(this.bytes, begin, end);
  }

  skip(): void {
    if (this.wireType === 0) this.number();
    else if (this.wireType === 1) this.at += 8;
    else if (this.wireType === 2) this.span();
    else if (this.wireType === 5) this.at += 4;
    else throw new RangeError(t('a message of etcd holds a field of the unknown type {0}', this.wireType));
  }

  private span(): [begin: number, end: number] {
    const length = this.number();
    const begin = this.at;
    const end = begin + length;
    if (end > this.end) throw new RangeError(t('a message of etcd is cut off'));
    this.at = end;
    return [begin, end];
  }
}

const nothing = Buffer.alloc(0);
/** Keys that are decoded at once. */
const keysOfPart = 1_000;

function readKeyValue(reader: FieldReader): KeyValue {
  const kv: KeyValue = {
    key: nothing,
    value: nothing,
    createRevision: 0,
    modRevision: 0,
    version: 0,
    lease: undefined,
  };
  while (reader.next()) {
    if (reader.field === 1) kv.key = reader.copy();
    else if (reader.field === 2) kv.createRevision = reader.number();
    else if (reader.field === 3) kv.modRevision = reader.number();
    else if (reader.field === 4) kv.version = reader.number();
    else if (reader.field === 5) kv.value = reader.copy();
    else if (reader.field === 6) kv.lease = leaseName(reader.bigint());
    else reader.skip();
  }
  return kv;
}

function readHeader(reader: FieldReader): Header {
  const header: Header = { clusterId: 0n, memberId: 0n, revision: 0 };
  while (reader.next()) {
    if (reader.field === 1) header.clusterId = reader.bigint();
    else if (reader.field === 2) header.memberId = reader.bigint();
    else if (reader.field === 3) header.revision = reader.number();
    else reader.skip();
  }
  return header;
}

export function decodeRange(bytes: Buffer): RangeAnswer {
  return rangeParts(bytes, Infinity).next().value!;
}

/** As `decodeRange`, with a turn for everything else between the parts of a large answer. */
export async function decodeLargeRange(bytes: Buffer): Promise<RangeAnswer> {
  for (const answer of rangeParts(bytes, keysOfPart)) {
    if (answer) return answer;
    await turn();
  }
  throw new RangeError(t('a message of etcd is cut off'));
}

/** The answer at the end; nothing after each part of at most `mostKeys` before. */
function* rangeParts(bytes: Buffer, mostKeys: number): Generator<RangeAnswer | undefined, void, undefined> {
  const answer: RangeAnswer = { revision: 0, kvs: [], more: false, count: 0 };
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (answer.kvs.length > 0 && answer.kvs.length % mostKeys === 0) yield undefined;
    if (reader.field === 1) answer.revision = readHeader(reader.message()).revision;
    else if (reader.field === 2) answer.kvs.push(readKeyValue(reader.message()));
    else if (reader.field === 3) answer.more = reader.number() !== 0;
    else if (reader.field === 4) answer.count = reader.number();
    else reader.skip();
  }
  yield answer;
}

function readEvent(reader: FieldReader): EventMessage {
  let type: EventMessage['type'] = 'put';
  let kv: KeyValue | undefined;
  let previous: KeyValue | undefined;
  while (reader.next()) {
    if (reader.field === 1) type = reader.number() === 1 ? 'delete' : 'put';
    else if (reader.field === 2) kv = readKeyValue(reader.message());
    else if (reader.field === 3) previous = readKeyValue(reader.message());
    else reader.skip();
  }
  if (!kv) throw new RangeError(t('an event of etcd names no key'));
  return { type, kv, previous };
}

/**
 * A message in parts of at most `mostEvents` events, since decoding all of a large one would hold up everything else.
 * Each part but the last has `fragment`, like the parts that etcd itself makes. etcd writes events after all other fields.
 */
export function* watchParts(bytes: Buffer, mostEvents: number): Generator<WatchMessage, void, undefined> {
  const message: WatchMessage = {
    ...{ clusterId: 0n, memberId: 0n, revision: 0, watchId: 0 },
    ...{ created: false, canceled: false, compactRevision: 0, cancelReason: '', fragment: false },
    events: [],
  };
  let events: EventMessage[] = [];
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) Object.assign(message, readHeader(reader.message()));
    else if (reader.field === 2) message.watchId = Number(BigInt.asIntN(64, reader.bigint()));
    else if (reader.field === 3) message.created = reader.number() !== 0;
    else if (reader.field === 4) message.canceled = reader.number() !== 0;
    else if (reader.field === 5) message.compactRevision = reader.number();
    else if (reader.field === 6) message.cancelReason = reader.text();
    else if (reader.field === 7) message.fragment = reader.number() !== 0;
    else if (reader.field === 11) {
      if (events.length === mostEvents) {
        yield { ...message, fragment: true, events };
        events = [];
      }
      events.push(readEvent(reader.message()));
    } else reader.skip();
  }
  yield { ...message, events };
}

/** A lease as etcdctl prints it: hexadecimal. 0 is none. */
export function leaseName(id: bigint): string | undefined {
  return id === 0n ? undefined : id.toString(16).padStart(16, '0');
}

/** A lease for etcd's API: a decimal of 64 bits with a sign. */
export function leaseId(name: string | undefined): string {
  return name === undefined ? '0' : BigInt.asIntN(64, BigInt(`0x${name}`)).toString();
}
