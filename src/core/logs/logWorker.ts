// Runs in a worker thread, started by logThread.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { replyOf, StoreHost } from './storeHost';
import type { StoreAnswer, StoreCall, StoreOrder, StoreThreadData } from './storeOrders';

/** Milliseconds between two tellings of what was merged. */
const takenMs = 5;

const port = parentPort!;
const post = (answer: StoreAnswer, transferred: ArrayBuffer[] = []) => port.postMessage(answer, transferred);
const host = new StoreHost(workerData as StoreThreadData, (news) => post({ kind: 'news', news }));
const feeds = new Map<number, number>();
/** Bytes received by channel. */
const received = new Map<number, number>();
let timer: NodeJS.Timeout | undefined;

const calls: Record<StoreCall, (...args: never[]) => unknown> = {
  openView: host.openView.bind(host),
  setFilter: host.setFilter.bind(host),
  find: host.find.bind(host),
  neighbour: host.neighbour.bind(host),
  rows: host.rows,
  positionOf: host.positionOf,
  positionAt: host.positionAt,
  histogram: host.histogram,
  text: host.text,
  details: host.details.bind(host),
  read: host.read.bind(host),
  settle: host.settle.bind(host),
};

function take(order: StoreOrder): void {
  switch (order.kind) {
    case 'expect':
      host.expect(order.feed);
      break;
    case 'open':
      feeds.set(order.stream.id, order.stream.feed);
      host.open(order.stream);
      break;
    case 'bytes':
      takeBytes(Buffer.from(order.buffer), order.parts);
      post({ kind: 'taken', feeds: [], buffer: order.buffer }, [order.buffer]);
      break;
    case 'event':
      host.event(order.stream, order.event, order.endsLine);
      break;
    case 'phase':
      host.phase(order.stream, order.phase, order.zone);
      break;
    case 'written':
      host.written(order.stream, order.time);
      break;
    case 'closeView':
      host.closeView(order.view);
      break;
    case 'call':
      void answer(order.id, order.name, order.args);
  }
}

function takeBytes(bytes: Buffer, parts: readonly number[]): void {
  for (let at = 0; at < parts.length; at += 3) {
    const [stream, start, end] = [parts[at]!, parts[at + 1]!, parts[at + 2]!];
    host.append(stream, bytes, start, end);
    const feed = feeds.get(stream)!;
    received.set(feed, (received.get(feed) ?? 0) + end - start);
  }
  timer ??= setTimeout(tellTaken, takenMs);
}

/** Again and again while something waits, so that what is held back goes on. */
function tellTaken(): void {
  timer = host.isPending ? setTimeout(tellTaken, takenMs) : undefined;
  post({
    kind: 'taken',
    feeds: [...received].flatMap(([feed, bytes]) => [feed, bytes, host.pendingOf(feed)]),
  });
}

async function answer(id: number, name: StoreCall, args: unknown[]): Promise<void> {
  post({ kind: 'reply', id, ...(await replyOf(() => calls[name](...(args as never[])))) });
}

port.on('message', take);
