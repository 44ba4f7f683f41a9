import type { ErrorReport } from '../errors';
import type { SinkStream, StreamEvent, StreamPhase } from './logSink';
import type { LogStoreOptions } from './logStore';
import type { LogZone } from './logZone';
import type { StoreClient } from './storeClient';
import type { StoreNews } from './storeHost';

/** What a store is asked for from another thread. */
export type StoreCall = Exclude<keyof StoreClient, 'sink' | 'closeView' | 'dispose'>;

/** To the thread of the store, in the order in which things happened. */
export type StoreOrder =
  | { kind: 'expect'; feed: number }
  | { kind: 'open'; stream: SinkStream }
  /** Bytes of several streams: of each its number, where its bytes begin and where they end. */
  | { kind: 'bytes'; buffer: ArrayBuffer; parts: number[] }
  | { kind: 'event'; stream: number; event: StreamEvent; endsLine: boolean }
  | { kind: 'phase'; stream: number; phase: StreamPhase; zone?: LogZone }
  | { kind: 'written'; stream: number; time: number }
  | { kind: 'closeView'; view: number }
  | { kind: 'call'; id: number; name: StoreCall; args: unknown[] };

/** From it. */
export type StoreAnswer =
  | { kind: 'news'; news: StoreNews }
  | { kind: 'reply'; id: number; value?: unknown; error?: ErrorReport }
  /** Of channels: their number, bytes received so far, and bytes that wait to be merged. The buffer may be used again. */
  | { kind: 'taken'; feeds: number[]; buffer?: ArrayBuffer };

/** What the thread is started with. */
export type StoreThreadData = Pick<LogStoreOptions, 'memory' | 'holdMs'>;
