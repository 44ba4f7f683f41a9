import type { Host } from '../inventory/model';

/** The host with every text that a placeholder can stand for escaped for the language that it is put into. */
export function escapedHost(host: Host, escape: (text: string) => string): Host {
  return {
    ...host,
    name: escape(host.name),
    address: escape(host.address),
    labels: Object.fromEntries(Object.entries(host.labels).map(([name, value]) => [name, escape(value)])),
  };
}
