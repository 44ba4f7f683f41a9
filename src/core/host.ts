/** The ports that the editor and the CLI implement for the core. */

/** Where the core reports what it does. Implementations redact secrets; the core passes none. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

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
}

export type HostKeyDecision = 'once' | 'remember' | 'reject';

/** A secret that authentication needs from the user. */
export interface CredentialRequest {
  kind: 'passphrase' | 'password' | 'answer';
  /** What the secret belongs to; stable, usable as a storage key: a key file's path or `user@host:port`. */
  subject: string;
  /** What the inventory calls the host or cluster that wants it; undefined for a key file. */
  name?: string;
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
}

/** Refuses everything: what a host without a person does. */
export const denyingAuthority: Authority = {
  unknownHostKey: () => Promise.resolve('reject'),
  credential: () => Promise.resolve(undefined),
};
