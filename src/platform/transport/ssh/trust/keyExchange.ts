import type { Client } from 'ssh2';

/** An exchange of keys as ssh2 makes one: at the login, and again after some time or traffic. */
export interface KeyExchange {
  /** The kind of its arithmetic, once the two sides have agreed on one. */
  type?: string;
}

/** Gives each exchange of keys of a connection to `begin` before it is used; call it right after `connect`. */
export function onKeyExchange(client: Client, begin: (exchange: KeyExchange) => void): void {
  const { _protocol: protocol } = client as unknown as { _protocol?: { _kex?: KeyExchange } };
  if (!protocol) return;
  let current = protocol._kex;
  Object.defineProperty(protocol, '_kex', {
    configurable: true,
    enumerable: true,
    get: () => current,
    set: (exchange: KeyExchange | undefined) => {
      current = exchange;
      if (exchange) begin(exchange);
    },
  });
}
