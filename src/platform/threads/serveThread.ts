import { MessagePort, parentPort, workerData } from 'node:worker_threads';
import { errorFrom, errorReport } from '../errors/errors';
import { speak } from '../l10n/l10n';
import {
  type Answer,
  type Call,
  methodsOver,
  type Notices,
  Outbox,
  type Request,
  type ThreadContract,
  type ThreadStart,
} from './threadContract';

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/**
 * Answers what a `threadProxy` with the same contract asks of this thread. What is asked waits until `make` has made the
 * methods, and is rejected if it cannot.
 */
export function serveThread<Contract extends ThreadContract>(
  make: (
    data: Contract['data'],
    tells: Notices<Contract['news']>,
  ) => Contract['methods'] | Promise<Contract['methods']>,
): void {
  const { data, texts, gathers } = workerData as ThreadStart;
  speak(texts);
  const port = parentPort!;
  const outbox = new Outbox<Answer>((answers, moved) => port.postMessage(answers, moved), gathers);
  const tells = methodsOver<Notices<Contract['news']>>((name, args) => outbox.add({ name, args }, args));
  const underWay = new Map<number, AbortController>();

  const answer = async (methods: Methods, { id, name, args, isCancellable }: Call) => {
    const controller = isCancellable ? new AbortController() : undefined;
    if (controller) underWay.set(id, controller);
    try {
      const value = await methods[name]!(...args, ...(controller ? [controller.signal] : []));
      outbox.add({ id, value }, [value]);
    } catch (error) {
      closePorts(args);
      outbox.add({ id, error: errorReport(error) });
    } finally {
      underWay.delete(id);
    }
  };

  const listen = (methods: Methods) =>
    port.on('message', (requests: Request[]) => {
      for (const request of requests) {
        if ('cancel' in request) underWay.get(request.cancel)?.abort(errorFrom(request.reason));
        else if ('id' in request) void answer(methods, request);
        else methods[request.name]!(...request.args);
      }
    });
  // Until there is somebody to listen, the port keeps what is asked.
  void (async () => make(data, tells))().then(
    (methods) => listen(methods as Methods),
    (error: Error) =>
      listen(
        methodsOver(() => {
          throw error;
        }),
      ),
  );
}

/** So that who listens at the other end of a port that came with a failed call does not wait forever. */
function closePorts(args: readonly unknown[]): void {
  for (const arg of args)
    if (typeof arg === 'object')
      for (const value of Object.values(arg ?? {})) if (value instanceof MessagePort) value.close();
}
