import type { z } from 'zod';
import type { Deadline } from '../../../../platform/batch/deadline';
import type { Authority } from '../../../../platform/host/host';
import type { BecomeSettings, Host } from '../../../../platform/inventory/model';
import type { Operation } from '../../../../platform/operation/operation';
import type { HostTransport } from '../../../../platform/transport/hostTransport';

/** How the file of a capture ends, which says its format. */
export type CaptureEnding =
  | '.pb.gz'
  | '.folded'
  | '.perf.txt'
  | '.speedscope.json'
  | '.cpuprofile'
  | '.heapprofile'
  | '.jfr'
  | '.profile';

/** One of the things that a profiler can measure. */
export interface CaptureKind {
  readonly name: string;
  /** One line, for people who choose. */
  readonly description: string;
  readonly ending: CaptureEnding;
  /** Whether it is recorded for a while; the others are a look at this moment. */
  readonly timed: boolean;
  /** Why it is offered and not captured. */
  readonly refused?: { readonly message: string; readonly hint: string };
  /** What to do when it comes back without a sample. */
  readonly whenEmpty?: string;
}

/** Samples a second. */
export interface Rate {
  readonly default: number;
  readonly most: number;
}

/** What to record, once everything is chosen. */
export interface CaptureOrder {
  readonly kind: CaptureKind;
  /** Milliseconds to record for. */
  readonly durationMs: number;
  /** Whether somebody named the duration: kinds that are a look at this moment then record the change over it. */
  readonly hasDuration: boolean;
  /** Samples a second, where the profiler has a rate. */
  readonly rate: number;
  /** The process, where one was picked. */
  readonly pid?: number;
}

export type CaptureStage = 'connecting' | 'recording' | 'receiving';

export interface CaptureContext {
  readonly transport: Pick<HostTransport, 'exec' | 'connect' | 'destinationThrough'>;
  readonly authority: Authority;
  /** What runs on the host does so as another user. */
  readonly become?: BecomeSettings | undefined;
  /** Covers everything; its signal reaches the socket or the process on the host. */
  readonly deadline: Deadline;
  /** What the capture is a part of. */
  readonly operation: Operation;
  /** Aborts when what was recorded until then is enough, for profilers that can end early. */
  readonly finish?: AbortSignal | undefined;
  /** The inventory's folder, where relative paths in the settings start. */
  readonly directory: string;
  /** The file to write, which is not there yet. */
  readonly file: string;
  readonly entered: (stage: CaptureStage) => void;
}

/** What was captured into the file. */
export interface Captured {
  /** What was done, in words that could be typed; without secrets. */
  readonly command: string;
  /** What people should know, such as which of several processes was taken. */
  readonly notes?: readonly string[];
}

/**
 * One kind of profiler: data and one function. `settings` describes the keys beside `type`, `on`, `kind`, `duration`
 * and `rate`; the published schema is made from it.
 */
export interface Profiler<Settings extends object = object> {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly settings: z.ZodObject<z.ZodRawShape> & z.ZodType<Settings>;
  /** The first is what is captured when nothing is said. */
  readonly kinds: readonly [CaptureKind, ...CaptureKind[]];
  readonly rate?: Rate;
  /** Settings that are command lines for a shell, in which placeholders are quoted words. */
  readonly commandLines?: readonly string[];
  /** Whether it runs commands on the host or attaches to its processes, which read-only groups refuse. */
  runsCommands(this: void, settings: Settings): boolean;
  /** Whether it takes a process of the host. */
  readonly process: 'needed' | 'optional' | 'none';
  /** Whether a recording can be ended and gives what it has until then. */
  readonly endsEarly?: boolean;
  /** @throws MusterError */
  capture(
    this: void,
    host: Host,
    settings: Settings,
    order: CaptureOrder,
    context: CaptureContext,
  ): Promise<Captured>;
}
