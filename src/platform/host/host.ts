/** The ports that the editor and the CLI implement for the core. */
import type { Attributes, Measurement } from '../operation/measurement';

/** Where the core reports what it does. Implementations redact secrets; the core passes none. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A part of an operation that has ended. */
export interface EndedSpan {
  name: string;
  traceId: string;
  spanId: string;
  /** The span that it is a part of; undefined for the whole of an operation that nobody else began. */
  parentId?: string;
  attributes: Attributes;
  measurements: readonly Measurement[];
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
}

/** Where the core reports how long its work takes; without one, nothing is timed or kept for it. */
export interface Tracer {
  ended(span: EndedSpan): void;
}

/** A server key that no known_hosts entry names. */
export interface UnknownHostKey {
  /** The inventory name of the host whose key is asked about. */
  host: string;
  address: string;
  port: number;
  /** e.g. `ssh-ed25519` */
  keyType: string;
  /** `SHA256:…` without padding, as OpenSSH prints it. */
  fingerprint: string;
  /** The host behind this one when it is a jump, else undefined. */
  jumpFor?: string;
  /** Where the inventory has a say in whom to trust, or in the way: then the key is remembered for it only. */
  project?: ProjectTrust;
}

/** What an inventory brings along for telling whether a host is the right one. */
export interface ProjectTrust {
  /** The file of the inventory. */
  inventory: string;
  /** The known_hosts files that it names beside the user's own ones; empty where it names the way only. */
  knownHosts: readonly string[];
}

/** Who says that a host's key is the right one: the user, or only the files that the inventory brings along. */
export type Voucher = 'user' | 'project';

/** The server that a secret would be sent to. One that was kept for another server is not sent without asking. */
export interface SecretDestination {
  /** `SHA256:…` of the server's key; empty where nothing but the address tells one server from another. */
  fingerprint: string;
  /** What it is reached through, the first hop first; empty for a direct connection. */
  route: readonly string[];
  /** Where the secret is not sent unasked, although it was kept for this very server. */
  vouchedBy: Voucher;
}

export type HostKeyDecision = 'once' | 'remember' | 'reject';

/** A secret that authentication needs from the user. */
export interface CredentialRequest {
  kind: 'passphrase' | 'password' | 'answer';
  /** What the secret belongs to; stable, usable as a storage key: a key file's path or `user@host:port`. */
  subject: string;
  /** What the inventory calls the host or cluster that wants it; undefined for a key file. */
  name?: string;
  /** Where the secret would be sent; undefined for one that stays on this machine, as a passphrase does. */
  destination?: SecretDestination;
  /** The question to show, sanitised, e.g. `Passphrase for ~/.ssh/id_ed25519`. */
  prompt: string;
  /** Whether the typed text may be shown (keyboard-interactive's echo). */
  echo: boolean;
  /** True when the last secret for this subject was refused: do not serve it from storage again. */
  retry: boolean;
}

/** Answers the questions that only a person or a policy can answer. */
export interface Authority {
  /** Called before authentication; `reject` fails the connection with HOST_KEY_UNKNOWN. */
  unknownHostKey(key: UnknownHostKey, signal: AbortSignal): Promise<HostKeyDecision>;
  /** Resolves to undefined when the user declines. */
  credential(request: CredentialRequest, signal: AbortSignal): Promise<string | undefined>;
  /** The secret that answered this request has worked: its login succeeded, or it unlocked the key. */
  accepted?(request: CredentialRequest): void;
  /** The secret that answered this request was refused: nobody else is to be given it. */
  refused?(request: CredentialRequest): void;
  /** Whether somebody waits for the current work and can be asked; without it, somebody does. */
  isAttended?(): boolean;
}

/** Refuses everything: what a host without a person does. */
export const denyingAuthority: Authority = {
  unknownHostKey: () => Promise.resolve('reject'),
  credential: () => Promise.resolve(undefined),
};
