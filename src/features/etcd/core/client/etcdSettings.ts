import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';

/** A cluster as muster.yaml describes it. */
export interface EtcdSettings {
  name: string;
  /** `host:port`, or a URL of http or https; the port is 2379 by default. One at least. */
  endpoints: readonly string[];
  /** Where its keys begin; empty for all. What is given to the cluster's methods are whole keys all the same. */
  prefix: string;
  username?: string;
  /** PEM files, relative to `directory`. Given, every endpoint without a scheme is connected to with TLS. */
  tls?: { ca?: string; cert?: string; key?: string; serverName?: string };
  /** The inventory name of the host that the endpoints are reached through. */
  through?: string;
  /** Writes are refused with READ_ONLY. */
  readOnly: boolean;
  /** Hosts ask before they write; the core does not care. */
  protected: boolean;
}

/** One member's client address. */
export interface EtcdAddress {
  /** As it was written. */
  endpoint: string;
  host: string;
  port: number;
  tls: boolean;
}

const defaultPort = 2379;

/** @throws MusterError INVENTORY when `endpoint` is no address */
export function parseEndpoint(endpoint: string, withTls: boolean): EtcdAddress {
  const scheme = /^(https?):\/\//.exec(endpoint)?.[1];
  const rest = endpoint.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const [, bracketed, plain, port] =
    /^(?:\[([\da-fA-F:.%]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/.exec(rest) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535)
    throw new MusterError('INVENTORY', t('“{0}” is not an etcd endpoint', endpoint), {
      phase: 'inventory',
      hint: t('Write host:port, http://host:port or https://host:port.'),
    });
  return { endpoint, host, port: number, tls: scheme ? scheme === 'https' : withTls };
}
