import type * as Grpc from '@grpc/grpc-js';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Deadline } from '../../../../platform/batch/deadline';

/** Between two attempts to connect. */
const resting: Grpc.connectivityState.TRANSIENT_FAILURE = 3;
/** Milliseconds for a connection of our own; and how much longer than the rest gRPC may take for its own. */
const patienceMs = 1_000;

/**
 * A channel that rests between two attempts to connect refuses calls with what the last one failed with, though the
 * server may be back by now. Resolves when a call says how it is: at once when nobody listens, else when the channel,
 * which rests for `longestMs` at most, has tried again. What goes wrong meanwhile, the call will say.
 */
export async function endRest(
  channel: Pick<Grpc.ChannelInterface, 'getConnectivityState' | 'watchConnectivityState'>,
  address: { host: string; port: number },
  longestMs: number,
  deadline: Deadline,
): Promise<void> {
  if (channel.getConnectivityState(true) !== resting || !(await listens(address, deadline))) return;
  let forget = () => {};
  await new Promise<void>((resolve) => {
    forget = deadline.onAbort(resolve);
    channel.watchConnectivityState(resting, Date.now() + longestMs + patienceMs, () => resolve());
  }).catch(() => {});
  forget();
}

async function listens(
  { host, port }: { host: string; port: number },
  { signal }: Deadline,
): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
