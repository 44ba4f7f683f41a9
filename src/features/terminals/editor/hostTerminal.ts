import { StringDecoder } from 'node:string_decoder';
import { EventEmitter, l10n, type Pseudoterminal, type TerminalDimensions } from 'vscode';
import { Deadline } from '../../../platform/batch/deadline';
import { errorChain, errorReport, MusterError, toMusterError } from '../../../platform/errors/errors';
import type { Logger } from '../../../platform/host/host';
import { printable } from '../../../platform/text/printable';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import type { HostShell } from '../../../platform/transport/hostTransport';
import type { Batches } from '../../../shell/editor/batches';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { resetScreen } from '../core/resetScreen';
import { EarlyInput } from './earlyInput';

/** Milliseconds for logging in and opening the shell; the time that a person is asked in does not count. */
const openLimitMs = 60_000;

/** VS Code takes what it is given at any speed, so this is what it is given: 64 KiB every 10 ms; the host waits. */
const outputPortion = 64 * 1024;
const outputPauseMs = 10;

/** Bytes of input that wait for a host that reads none. */
const maxWaitingInput = 1024 * 1024;

const clearLine = '\r\x1b[2K';
const bell = '\x07';
const enter = '\r';
const ctrlC = '\x03';
const ctrlD = '\x04';

export interface HostTerminalOptions {
  fleet: Fleet;
  host: string;
  batches: Batches;
  logger: Logger;
  /** What was typed, after it was sent to this host, or kept for it while it is being connected to. */
  onInput: (data: string) => void;
}

type State = 'connecting' | 'connected' | 'ended' | 'closed';

/** A terminal on a host, over the pooled connection. */
export class HostTerminal implements Pseudoterminal {
  private readonly write = new EventEmitter<string>();
  private readonly closed = new EventEmitter<number | void>();
  private readonly named = new EventEmitter<string>();
  readonly onDidWrite = this.write.event;
  readonly onDidClose = this.closed.event;
  readonly onDidChangeName = this.named.event;

  private state: State = 'connecting';
  private shell: HostShell | undefined;
  private dimensions: TerminalDimensions = { columns: 80, rows: 24 };
  private opening = new AbortController();
  private broadcasting = false;
  private readonly early = new EarlyInput();

  constructor(private readonly options: HostTerminalOptions) {}

  get host(): string {
    return this.options.host;
  }

  get fleet(): Fleet {
    return this.options.fleet;
  }

  get isConnected(): boolean {
    return this.state === 'connected';
  }

  /** Whether its host is in a read-only group by now. */
  get isReadOnly(): boolean {
    return this.fleet.inventory?.hosts.get(this.host)?.readOnly !== undefined;
  }

  open(dimensions: TerminalDimensions | undefined): void {
    if (dimensions) this.dimensions = dimensions;
    void this.connect();
  }

  setDimensions(dimensions: TerminalDimensions): void {
    this.dimensions = dimensions;
    this.shell?.resize(dimensions.columns, dimensions.rows);
  }

  handleInput(data: string): void {
    switch (this.state) {
      case 'connecting':
        if (data === ctrlC) this.opening.abort(new MusterError('CANCELLED', l10n.t('cancelled')));
        else {
          this.send(data);
          this.options.onInput(data);
        }
        return;
      case 'connected':
        this.send(data);
        this.options.onInput(data);
        return;
      case 'ended':
        if (data === enter) void this.connect();
        else if (data === ctrlD) this.finish(undefined);
        return;
      case 'closed':
    }
  }

  /** Input from here, or from another terminal of a broadcast; what comes before there is a shell waits for it. */
  send(data: string): void {
    if (this.state === 'connecting' && !this.early.add(data)) this.write.fire(bell);
    if (this.state !== 'connected' || !this.shell) return;
    if (this.shell.stdin.writableLength > maxWaitingInput) this.write.fire(bell);
    else this.shell.stdin.write(data);
  }

  markBroadcast(broadcasting: boolean): void {
    if (this.broadcasting === broadcasting) return;
    this.broadcasting = broadcasting;
    this.named.fire(broadcasting ? l10n.t('⇉ {0} (broadcast)', this.host) : this.host);
  }

  /** The user has closed the terminal. */
  close(): void {
    this.state = 'closed';
    this.opening.abort(new MusterError('CANCELLED', l10n.t('cancelled')));
    this.shell?.close();
  }

  private async connect(): Promise<void> {
    const { fleet, batches, logger } = this.options;
    this.state = 'connecting';
    this.opening = new AbortController();
    const { signal } = this.opening;
    try {
      const host = fleet.inventory?.hosts.get(this.host);
      if (!host) {
        throw new MusterError('INVENTORY', l10n.t('“{0}” is no longer in the inventory.', this.host));
      }
      // Whichever way it was opened: a shell could change anything.
      refuseReadOnly([host]);
      this.write.fire(dim(l10n.t('Connecting to {0}…', printable(this.host))));
      // The engine stays for as long as the terminal is open.
      await fleet.use(async ({ transport }) => {
        const title = l10n.t('Connecting to {0}…', this.host);
        this.shell = await batches.run({ title, total: 1, quiet: true, signal }, async (batch) => {
          const deadline = new Deadline(openLimitMs, batch.signal);
          try {
            const request = { term: 'xterm-256color', ...this.dimensions };
            return await transport.shell(host, request, { deadline, overrideCircuit: true });
          } finally {
            deadline.dispose();
          }
        });
        logger.info(`terminal on ${this.host} opened`);
        await this.attend(this.shell);
      });
    } catch (error) {
      this.end(error);
    } finally {
      this.shell = undefined;
    }
  }

  /** Shows what comes until the shell has ended. @throws MusterError */
  private async attend(shell: HostShell): Promise<void> {
    if (this.state === 'closed') shell.close();
    else {
      this.state = 'connected';
      this.write.fire(clearLine);
      // It may have changed in the meantime.
      shell.resize(this.dimensions.columns, this.dimensions.rows);
      this.showOutput(shell);
      const early = this.early.take();
      if (early !== '') this.send(early);
    }
    const { exitCode, signal } = await shell.exit;
    if (signal !== null) this.write.fire(`\r\n${dim(l10n.t('Ended by signal {0}.', printable(signal)))}\r\n`);
    this.finish(exitCode ?? (signal === null ? undefined : 1));
  }

  private showOutput({ stdout }: HostShell): void {
    const decoder = new StringDecoder('utf8');
    let shown = 0;
    stdout.on('data', (bytes: Buffer) => {
      const text = decoder.write(bytes);
      if (text !== '' && this.state !== 'closed') this.write.fire(text);
      shown += bytes.length;
      if (shown < outputPortion || this.state === 'closed') return;
      shown = 0;
      stdout.pause();
      setTimeout(() => stdout.resume(), outputPauseMs);
    });
  }

  private end(thrown: unknown): void {
    if (this.state === 'closed') return;
    const lost = this.state === 'connected';
    this.state = 'ended';
    // A later shell does not get what was meant for this one.
    this.early.clear();
    const error = toMusterError(thrown);
    const chain = errorChain(errorReport(error)).map((line) => printable(line, 500));
    this.options.logger.warn(`terminal on ${this.host}: ${chain.join('; ')}`);
    this.write.fire(lost ? `${resetScreen}\r\n` : clearLine);
    const heading = lost ? l10n.t('Connection lost.') : l10n.t('Cannot connect to {0}.', this.host);
    this.write.fire(`\x1b[1;31m${heading}\x1b[m\r\n${chain.map((line) => `  ${line}\r\n`).join('')}`);
    this.write.fire(`${dim(l10n.t('Press Enter to reconnect, Ctrl+D to close the terminal.'))}\r\n`);
  }

  private finish(exitCode: number | undefined): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.closed.fire(exitCode);
  }
}

function dim(text: string): string {
  return `\x1b[2m${text}\x1b[22m`;
}
