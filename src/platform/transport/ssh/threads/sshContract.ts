import type { KeyObject } from 'node:crypto';
import type { ErrorReport } from '../../../errors/errors';
import type { CredentialRequest, Logger, SecretDestination } from '../../../host/host';
import type { TraceContext } from '../../../operation/traceContext';
import type { CommandEnd } from '../../howEnded';
import type { ConnectionSettings } from '../pool/hostConnections';
import type { SshTarget } from '../pool/sshTarget';
import type { AcceptedKey } from '../trust/hostVerifier';

/** Bytes of a stream that may be on their way to the other thread, or lie there unread. */
export const streamWindow = 512 * 1024;

export type OutputName = 'stdout' | 'stderr';

/** What a thread needs to know about the pool that it is a part of. */
export interface ThreadSettings extends Pick<
  ConnectionSettings,
  'keepaliveMs' | 'maxSessions' | 'idleMs' | 'circuit'
> {
  knownHostsFile: string;
  /** Its share of the connections. */
  maxConnections: number;
}

/** A server's key, in wire format, that no file vouches for. */
export interface PresentedKey {
  target: SshTarget;
  key: Uint8Array;
  jumpFor: string | undefined;
}

/** The key is accepted; `isToBeRemembered` once the server has proved that it holds it. */
export interface KeyVerdict extends Pick<AcceptedKey, 'fingerprint' | 'vouchedBy'> {
  isToBeRemembered: boolean;
}

/** A private key that was unlocked; both threads sign with what OpenSSL holds of it, which is not copied. */
export interface UnlockedKey {
  /** In wire format. */
  publicKey: Uint8Array;
  comment: string;
  privateKey: KeyObject;
}

/** What a thread asks for by the name of the question: what is asked about, and the answer. */
export interface Questions {
  hostKey(presented: PresentedKey): KeyVerdict;
  remember(presented: PresentedKey): void;
  credential(request: CredentialRequest): string | undefined;
  unlock(path: string): UnlockedKey | undefined;
}

export type Answer = { value: unknown } | { error: ErrorReport };

/** Between the pool and a thread with connections of its own. Whom to trust and what to log in with is the pool's to say. */
export interface SshContract {
  data: ThreadSettings;
  methods: {
    /** The file of the inventory that hosts are from. */
    useInventory(file: string | undefined): void;
    /** Runs a command; resolves when it has ended and all of its output was sent. */
    run(command: CommandRequest, signal: AbortSignal): Promise<CommandEnd>;
    destination(wanted: WorkRequest, signal: AbortSignal): Promise<SecretDestination>;
    /** A piece for the standard input of a command. */
    input(id: number, piece: Uint8Array): void;
    endInput(id: number): void;
    /** So many bytes of an output were read. */
    outputRead(id: number, output: OutputName, bytes: number): void;
    close(id: number): void;
    answer(question: number, answer: Answer): void;
    /** Ends what runs, and hangs up. */
    end(): Promise<void>;
  };
  news: {
    /** The command was sent, or was then refused. */
    sent(id: number, isSent: boolean): void;
    started(id: number): void;
    output(id: number, output: OutputName, piece: Uint8Array): void;
    /** So many bytes of the standard input were sent on. */
    inputSent(id: number, bytes: number): void;
    /** A person is asked on behalf of this work, whose clock stands still. */
    paused(id: number, isPaused: boolean): void;
    ask(question: number, name: keyof Questions, about: unknown): void;
    /** Nobody waits for the answer any more. */
    withdraw(question: number): void;
    accepted(request: CredentialRequest): void;
    log(level: keyof Logger, message: string): void;
    /** About a file, which every thread reads. */
    warnOnce(message: string): void;
  };
}

export interface WorkRequest {
  id: number;
  /** The name of the host. */
  host: string;
  target: SshTarget;
  overrideCircuit: boolean;
}

export interface CommandRequest extends WorkRequest {
  command: string | undefined;
  operation: TraceContext | undefined;
}
