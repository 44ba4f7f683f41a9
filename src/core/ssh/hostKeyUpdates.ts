import type { Client } from 'ssh2';

type GlobalRequest = (protocol: unknown, name: string, wantReply: boolean, data: unknown) => void;

/**
 * Passes over `hostkeys-00@openssh.com`, with which OpenSSH announces all of its host keys after the login. ssh2 has
 * the server prove each of them, which costs both sides more than a short command, and Muster learns no keys that way.
 * There is no option for it: this wraps a handler inside of ssh2, and leaves everything as it is if that is not there.
 */
export function ignoreHostKeyUpdates(client: Client): void {
  const handlers = (client as unknown as { _protocol?: { _handlers?: { GLOBAL_REQUEST?: GlobalRequest } } })
    ._protocol?._handlers;
  const original = handlers?.GLOBAL_REQUEST;
  if (!handlers || typeof original !== 'function') return;
  handlers.GLOBAL_REQUEST = (protocol, name, wantReply, data) => {
    if (name === 'hostkeys-00@openssh.com' && !wantReply) return;
    original(protocol, name, wantReply, data);
  };
}
