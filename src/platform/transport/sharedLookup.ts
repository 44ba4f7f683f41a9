import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type Deadline, orCancelled } from '../batch/deadline';
import { toMusterError } from '../errors/errors';
import { outOfDescriptors } from '../errors/localLimit';

type Callback = Parameters<LookupFunction>[2];
const waiting = new Map<string, Callback[]>();

/**
 * dns.lookup for sockets. It holds one of libuv's four threads until the name server has answered, so those who
 * ask for a name at the same time, such as all checks of a host, share one lookup. Answers are not kept.
 */
export const sharedLookup: LookupFunction = (name, options, callback) => {
  const question = `${name} ${options.family} ${options.hints} ${options.all}`;
  const others = waiting.get(question);
  if (others) {
    others.push(callback);
    return;
  }
  const callbacks = [callback];
  waiting.set(question, callbacks);
  lookup(name, options, (failed, ...answer) => {
    waiting.delete(question);
    const error = failed && outOfDescriptors() ? withCode(failed, 'EMFILE') : failed;
    for (const each of callbacks) each(error, ...answer);
  });
};

/** An IP address of the name, no later than the deadline. @throws MusterError with the phase `dns` */
export async function lookupAddress(name: string, deadline: Deadline): Promise<string> {
  if (isIP(name) !== 0) return name;
  const lookedUp = () =>
    new Promise<string>((resolve, reject) => {
      sharedLookup(name, {}, (error, address) => (error ? reject(error) : resolve(address as string)));
    });
  try {
    return await orCancelled(deadline.signal, lookedUp);
  } catch (error) {
    throw toMusterError(error, { phase: 'dns', peer: name });
  }
}

function withCode(cause: NodeJS.ErrnoException, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(cause.message, { cause }), { code });
}
