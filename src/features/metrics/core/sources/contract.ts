import type { z } from 'zod';
import type { Deadline } from '../../../../platform/batch/deadline';
import type { BecomeSettings, Host } from '../../../../platform/inventory/model';
import type { Operation } from '../../../../platform/operation/operation';
import type { HostTransport } from '../../../../platform/transport/hostTransport';
import type { LentPassword } from '../../../../platform/host/declaredPasswords';
import type { TlsSettings } from '../../../../platform/tls/tlsSettings';
import type { Reading } from '../reading';

/** A password or token that a service wants. */
export interface LoginWanted {
  /** Undefined where it has none, as a token. */
  readonly user?: string | undefined;
  /** Where it is sent, as the host at the end of the way sees it: `https://127.0.0.1:9100`. */
  readonly place: string;
  readonly through: 'ssh' | 'direct';
  /** Undefined without TLS. */
  readonly tls?: TlsSettings | undefined;
}

export interface ReadContext {
  /** Covers everything. Its signal must reach the socket. */
  readonly deadline: Deadline;
  readonly transport: Pick<HostTransport, 'exec' | 'connect' | 'files'>;
  /** Whoever was lent one settles it as soon as it is known. @throws MusterError AUTH, CANCELLED */
  readonly login: (wanted: LoginWanted) => Promise<LentPassword>;
  readonly operation?: Operation | undefined;
  /** As another user; what is left out is as the inventory says. */
  readonly become?: BecomeSettings | undefined;
  /** The inventory's folder, where relative paths in the settings start. */
  readonly directory: string;
}

/** One kind of metric source: data and one function. `settings` describes the keys beside those of every source. */
export interface MetricSource<Settings = Readonly<Record<string, unknown>>> {
  readonly type: string;
  readonly description: string;
  readonly settings: z.ZodType<Settings>;
  /** Settings that are command lines for a shell, in which placeholders are quoted words. */
  readonly commandLines?: readonly string[];
  /** @throws MusterError with its phase */
  read(this: void, host: Host, settings: Settings, context: ReadContext): Promise<Reading>;
}
