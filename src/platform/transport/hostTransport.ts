import type { Duplex, Writable, Readable } from 'node:stream';
import type { Deadline } from '../batch/deadline';
import type { SecretDestination } from '../host/host';
import type { BecomeSettings, Host } from '../inventory/model';
import type { TraceContext } from '../operation/traceContext';
import type { FileSession } from './files/fileSession';

/** One channel on a pooled connection; closing it returns the slot. */
export interface HostChannel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the remote command has ended and its output was read; rejects with RESET when the link drops. */
  readonly exit: Promise<{ exitCode: number | null; signal: string | null }>;
  /** A secret that the host was sent so that the command may begin: no report repeats it. */
  secret?: string;
  /** Ends the remote command (TERM, then closes the channel). */
  close(): void;
}

/** What to show and how; without a command it is the user's login shell. */
export interface ShellRequest {
  /** The terminal's type, as in TERM. */
  term: string;
  columns: number;
  rows: number;
  command?: string;
}

/** A terminal on a host. The deadline covers opening it; it lives until it ends or is closed. */
export interface HostShell {
  readonly stdin: Writable;
  /** What the terminal shows, of both outputs. */
  readonly stdout: Readable;
  /** Resolves when the shell has ended and its output was read; rejects with RESET when the link drops. */
  readonly exit: HostChannel['exit'];
  resize(columns: number, rows: number): void;
  /** Hangs up, which ends the shell and what runs in it. */
  close(): void;
}

/** An address as the host at the end of the connection sees it. */
export interface Destination {
  address: string;
  port: number;
}

/** A unix socket of the host. */
export interface SocketPath {
  path: string;
}

export interface OpenOptions {
  deadline: Deadline;
  /** Try although the circuit of the host is open. */
  overrideCircuit?: boolean;
  /** Do it as another user; what this leaves out is as the inventory says for the host. For `exec` and `files`. */
  become?: BecomeSettings | undefined;
}

export interface ExecOptions extends OpenOptions {
  /** What the command is a part of: it is given as TRACEPARENT, over SSH where the server takes that. */
  operation?: TraceContext | undefined;
  /** Called with true when the command is sent, from when on it may run, and with false if it was then refused. */
  onSent?: (sent: boolean) => void;
}

/** What the executor needs of a host. */
export interface HostCommands {
  /** Starts `command` on `host`, or the user's login shell without one. @throws MusterError with its phase */
  exec(host: Host, command: string | undefined, options: ExecOptions): Promise<HostChannel>;
}

/** Channels on connections that are kept and shared. */
export interface HostTransport extends HostCommands {
  /** Opens a terminal on `host`. @throws MusterError with its phase */
  shell(host: Host, request: ShellRequest, options: OpenOptions): Promise<HostShell>;
  /** Opens a session for the files of `host`; closing it returns the slot. @throws MusterError with its phase */
  files(host: Host, options: OpenOptions): Promise<FileSession>;
  /**
   * Connects from `host` to `destination`; the connection to the host stays for as long as the stream is open, and
   * the deadline covers connecting. The stream errors with RESET when the link drops before its end. @throws MusterError with its phase
   */
  connect(host: Host, destination: Destination | SocketPath, options: OpenOptions): Promise<Duplex>;
  /**
   * Connects to `host` unless it is connected to; what a secret that is sent on from there passes, `host` being the last
   * hop. @throws MusterError with its phase
   */
  destinationThrough(host: Host, options: OpenOptions): Promise<SecretDestination>;
  dispose(): Promise<void>;
}
