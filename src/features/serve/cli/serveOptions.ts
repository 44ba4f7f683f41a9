import type { BlockList } from 'node:net';
import path from 'node:path';
import { readPem } from '../../../platform/tls/tlsFiles';
import type { Cli } from '../../../shell/cli/cli';
import { UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';
import {
  type BatchOptions,
  given,
  readBatchOptions,
  readCount,
  readDuration,
} from '../../../shell/cli/options';
import type { SourcePasswordOptions } from '../../../shell/cli/terminal/sourcePasswords';
import type { Recipient } from '../core/alerts/recipient';
import { isLoopback, type ListenPlace, parseAllowed, parseListen } from '../core/http/access';
import { type EndpointName, endpointNames } from '../core/endpointNames';
import { readRecipient, readToken, urlOf } from './secretFiles';

/** As commander gives them. */
export interface ServeOptions extends BatchOptions, SourcePasswordOptions {
  check?: string[];
  interval?: string;
  listen?: string;
  tokenFile?: string;
  tlsCert?: string;
  tlsKey?: string;
  allow?: string[];
  serverName?: string[];
  endpoints?: string;
  probes?: string;
  alertmanager?: string[];
  webhook?: string;
  externalUrl?: string;
  consents?: string;
  listConsents?: boolean;
  state?: string;
  grace?: string;
  cpuProfile?: string;
}

/** The same, read. */
export interface ServeSettings {
  intervalMs: number;
  graceMs: number;
  place: ListenPlace;
  tls: { cert: string; key: string } | undefined;
  allowed: BlockList | undefined;
  names: readonly string[];
  endpoints: ReadonlySet<EndpointName>;
  probes: number;
  concurrency: number | undefined;
  alertmanagers: readonly Recipient[];
  webhook: Recipient | undefined;
  externalUrl: string | undefined;
}

const usual = { intervalMs: 60_000, graceMs: 10_000, listen: '127.0.0.1:9797', probes: 20 } as const;
const shortestIntervalMs = 1_000;

/** @throws UsageError, MusterError TLS */
export async function readServeOptions(options: ServeOptions, { cwd }: Cli): Promise<ServeSettings> {
  const place = parseListen(options.listen ?? usual.listen);
  const intervalMs = given(options.interval, (text) => readDuration(text, '--interval')) ?? usual.intervalMs;
  if (intervalMs < shortestIntervalMs) throw new UsageError(t('--interval: at least {0}', '1s'));
  const { tlsCert, tlsKey, allow = [], externalUrl } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new UsageError(t('--tls-cert and --tls-key belong together'));
  const names = options.serverName ?? [];
  for (const name of names)
    if (!/^[\w.:-]{1,253}$/.test(name))
      throw new UsageError(t('--server-name: “{0}” is not a name', name.slice(0, 100)));
  if (externalUrl !== undefined && !urlOf(externalUrl))
    throw new UsageError(t('{0}: “{1}” is not a URL of http or https', '--external-url', externalUrl));
  requireProtection(place, options);
  const read = (text: string, option: string) => readRecipient(text, option, cwd);
  return {
    ...{ intervalMs, place, names, externalUrl },
    graceMs: given(options.grace, (text) => readDuration(text, '--grace')) ?? usual.graceMs,
    tls:
      tlsCert === undefined || tlsKey === undefined
        ? undefined
        : { cert: await readPem('cert', tlsCert, cwd), key: await readPem('key', tlsKey, cwd) },
    allowed: allow.length > 0 ? parseAllowed(allow) : undefined,
    endpoints: readEndpoints(options.endpoints),
    probes: given(options.probes, (text) => readCount(text, '--probes', 10_000)) ?? usual.probes,
    concurrency: readBatchOptions(options).concurrency,
    alertmanagers: await Promise.all(
      (options.alertmanager ?? []).map((text) => read(text, '--alertmanager')),
    ),
    webhook: options.webhook === undefined ? undefined : await read(options.webhook, '--webhook'),
  };
}

/** Every user and program of this machine can connect to loopback, and beyond it everybody else. */
function requireProtection(place: ListenPlace, { tokenFile, tlsCert, allow = [] }: ServeOptions): void {
  if (place.kind === 'unix') return;
  if (tokenFile === undefined)
    throw new UsageError(
      t(
        'a token is needed at {0}: write one with “(umask 077; openssl rand -hex 32 > token)” and give --token-file token, or use --listen unix:PATH',
        place.host,
      ),
    );
  if (isLoopback(place.host)) return;
  if (tlsCert === undefined || allow.length === 0)
    throw new UsageError(
      t('{0} can be reached from other machines: give --tls-cert, --tls-key and --allow, too', place.host),
    );
}

function readEndpoints(text: string | undefined): Set<EndpointName> {
  if (text === undefined) return new Set(endpointNames.filter((name) => name !== 'reload'));
  const known = text.split(',').map((one) => {
    const name = endpointNames.find((endpoint) => endpoint === one.trim());
    if (name) return name;
    throw new UsageError(
      t('--endpoints: “{0}” is not one of {1}', one.slice(0, 100), endpointNames.join(', ')),
    );
  });
  return new Set(known);
}

/** Reads the token anew each time it is asked to; undefined where the mode of the socket is enough. @throws UsageError */
export function tokenReader({ tokenFile }: ServeOptions, cwd: string): () => Promise<string | undefined> {
  return async () => (tokenFile === undefined ? undefined : readToken(path.resolve(cwd, tokenFile), cwd));
}
