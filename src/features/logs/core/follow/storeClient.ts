import { type Calls, methodsOver } from '../../../../platform/threads/threadContract';
import type { LogSink } from '../store/logSink';
import type { LogStoreOptions } from '../store/logStore';
import { StoreHost } from '../store/storeHost';
import type { StoreMethods, StoreNews } from '../store/storeMethods';

/** A store as a session sees it, wherever it is. */
export interface StoreClient {
  readonly sink: LogSink;
  readonly calls: Calls<StoreMethods>;
  closeView(view: number): void;
  /** Calls when the store has ended by itself: nothing is kept any more. */
  lost(listener: (why: Error) => void): void;
  dispose(): Promise<void>;
}

/** Milliseconds between looks at what was merged, while something waits. */
const drainMs = 10;

/** The store in this thread. */
export function storeHere(options: LogStoreOptions, tell: (news: StoreNews) => void): StoreClient {
  const host = new StoreHost(options, tell);
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  const drained = () => {
    // What is held back sends nothing that would look again.
    timer = host.isPending ? setTimeout(drained, drainMs) : undefined;
    for (const listener of listeners) listener();
  };
  const later = async (name: keyof StoreMethods, args: readonly unknown[]) => {
    await Promise.resolve();
    return (host[name] as (...args: unknown[]) => unknown).call(host, ...args);
  };
  return {
    sink: {
      expect: (feed) => host.expect(feed),
      open: (stream) => host.open(stream),
      append: (stream, bytes, start, end) => {
        host.append(stream, bytes, start, end);
        timer ??= setTimeout(drained, drainMs);
      },
      event: (stream, event, endsLine) => host.event(stream, event, endsLine),
      phase: (stream, phase, zone) => host.phase(stream, phase, zone),
      written: (stream, time) => host.written(stream, time),
      pendingOf: (feed) => host.pendingOf(feed),
      onDrain: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    calls: methodsOver((name, args) => later(name as keyof StoreMethods, args)),
    closeView: (view) => host.closeView(view),
    // It ends with the process only.
    lost: () => {},
    dispose: () => {
      clearTimeout(timer);
      host.dispose();
      return Promise.resolve();
    },
  };
}
