import type { Writable, Readable } from 'node:stream';
import type { Deadline } from '../deadline';
import type { Host } from '../inventory/model';

/** One channel on a pooled connection; closing it returns the slot. */
export interface SshChannel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the remote command has ended and its output was read; rejects with RESET when the link drops. */
  readonly exit: Promise<{ exitCode: number | null; signal: string | null }>;
  /** Ends the remote command (TERM, then closes the channel). */
  close(): void;
}

export interface OpenOptions {
  deadline: Deadline;
  /** Try although the circuit of the host is open. */
  overrideCircuit?: boolean;
}

/** What the executor and the probes need of SSH; implemented by the pool. */
export interface SshPool {
  /** Starts `command` on `host`. @throws MusterError with its phase */
  exec(host: Host, command: string, options: OpenOptions): Promise<SshChannel>;
  dispose(): Promise<void>;
}
