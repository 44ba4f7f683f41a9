import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { toMusterError } from '../errors';
import { outOfDescriptors } from '../localLimit';

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

/** An IP address of the name. @throws MusterError DNS */
export function lookupAddress(name: string): Promise<string> {
  if (isIP(name) !== 0) return Promise.resolve(name);
  return new Promise((resolve, reject) => {
    sharedLookup(name, {}, (error, address) => {
      if (error) reject(toMusterError(error, { phase: 'dns', peer: name }));
      else resolve(address as string);
    });
  });
}

function withCode(cause: NodeJS.ErrnoException, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(cause.message, { cause }), { code });
}
