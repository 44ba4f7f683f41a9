import type { Readable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { Deadline } from '../../../platform/batch/deadline';
import { MusterError } from '../../../platform/errors/errors';
import type { Host, Inventory } from '../../../platform/inventory/model';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { selectHosts } from '../../../platform/inventory/selection/selector';
import { printable } from '../../../platform/text/printable';
import type { HostShell, HostTransport } from '../../../platform/transport/hostTransport';
import { type CommandEnd, howEnded } from '../../../platform/transport/howEnded';
import { errorLines } from '../../../shell/cli/carriedOut';
import type { Cli } from '../../../shell/cli/cli';
import { exitStatus, exitStatusOf, UsageError } from '../../../shell/cli/exitStatus';
import { openCore } from '../../../shell/cli/hosts/openCore';
import { openHosts } from '../../../shell/cli/hosts/openInventory';
import { hostCount, t } from '../../../shell/cli/l10n';
import { type BatchOptions, readBatchOptions } from '../../../shell/cli/options';
import type { OutputStream } from '../../../shell/cli/output/outputStream';
import { remoteCommand } from '../../runs/core/remoteCommand';
import { resetScreen } from '../core/resetScreen';
import { type Escape, EscapeReader } from './escapes';
import { RawTerminal } from './rawTerminal';

export interface SshCommandOptions extends BatchOptions {
  /** The words after `--`. */
  command: readonly string[];
  tty?: boolean;
  /** As whom to log in. */
  login?: string;
}

/** Milliseconds for logging in and opening the shell; the time in which a person is asked does not count. */
const openLimitMs = 60_000;

/** What ssh exits with when it is not the command that has ended. */
const sshFailed = 255;

/** Bytes of what is typed that wait for a host which reads none; then the terminal waits. */
const mostWaiting = 1024 * 1024;

/** A shell on one host, or a command. @throws UsageError, MusterError INVENTORY, READ_ONLY */
export async function openShell(
  [selector = '']: readonly string[],
  options: SshCommandOptions,
  cli: Cli,
): Promise<number> {
  const command = options.command.length > 0 ? remoteCommand(options) : undefined;
  const { timeoutMs = openLimitMs } = readBatchOptions(options);
  const inventory = await openHosts(options, cli);
  const host = oneHost(inventory, destinationOf(selector, options.login));
  // Whatever it is for: a shell could change anything.
  refuseReadOnly([host]);
  const { terminal, interruption } = cli;
  const hasTerminal = process.stdin.isTTY === true;
  if (options.tty && !hasTerminal)
    terminal.note(t('muster: standard input is not a terminal, so the command is given none'));
  const core = openCore(inventory, options, cli, {});
  const deadline = new Deadline(timeoutMs, interruption.signal);
  const session: Session = { host, command, deadline, transport: core.transport };
  try {
    const isInteractive = hasTerminal && (options.tty || command === undefined);
    const end = isInteractive ? await withTerminal(session, cli) : await withPipes(session, cli);
    if (end === undefined) return sshFailed;
    if (end.exitCode === null) terminal.note(`muster: ${host.name}: ${printable(howEnded(end))}`);
    return interruption.exitStatus ?? end.exitCode ?? sshFailed;
  } catch (error) {
    const isOfHost = MusterError.is(error) && exitStatusOf(error.code) === exitStatus.failed;
    if (!isOfHost || interruption.exitStatus !== undefined) throw error;
    for (const line of errorLines(error)) terminal.note(line);
    return sshFailed;
  } finally {
    deadline.dispose();
    // What still comes is for nobody.
    process.stdin.destroy();
    await core.dispose();
  }
}

interface HostAs {
  selector: string;
  user?: string;
}

/** `USER@HOST` as ssh has it; `-l` counts before it. A selector that begins with `@` is a group. @throws UsageError */
function destinationOf(text: string, login?: string): HostAs {
  const at = text.lastIndexOf('@');
  const selector = at > 0 ? text.slice(at + 1) : text;
  const user = login ?? (at > 0 ? text.slice(0, at) : undefined);
  if (user === undefined) return { selector };
  if (/^(?:-|$)|[\s\p{Cc}]/u.test(user))
    throw new UsageError(t('“{0}” is not the name of a user', printable(user)));
  return { selector, user };
}

/** @throws UsageError, MusterError INVENTORY */
function oneHost(inventory: Inventory, { selector, user }: HostAs): Host {
  const [host, ...others] = selectHosts(inventory, [selector]);
  if (others.length === 0) {
    if (user === undefined) return host!;
    if (host!.transport === 'local')
      throw new UsageError(t('{0} is reached without SSH, as the user that you are', host!.name));
    return { ...host!, ssh: { ...host!.ssh, user } };
  }
  const names = printable(compactHostSet([host!, ...others].map(({ name }) => name)), 200);
  throw new UsageError(
    t('“{0}” means {1}: {2}; name one of them', printable(selector), hostCount(others.length + 1), names),
  );
}

interface Session {
  host: Host;
  command: string | undefined;
  deadline: Deadline;
  transport: HostTransport;
}

/** Without a terminal: bytes in, bytes out, and both outputs apart. */
async function withPipes(
  { host, command, deadline, transport }: Session,
  { terminal }: Cli,
): Promise<CommandEnd> {
  const channel = await transport.exec(host, command, { deadline, overrideCircuit: true });
  // From now on it takes as long as it takes, and an interruption ends it.
  deadline.pause();
  const outputs = [copy(channel.stdout, terminal.stdout), copy(channel.stderr, terminal.stderr)];
  // An input that cannot be read, such as a folder, has nothing in it.
  process.stdin.on('error', () => channel.stdin.end());
  process.stdin.pipe(channel.stdin);
  const end = await channel.exit;
  await Promise.all(outputs.map(({ written }) => written()));
  return end;
}

/** With a terminal on the host, which the user's own is made a window of; undefined if the user has disconnected. */
async function withTerminal(
  { host, command, deadline, transport }: Session,
  { terminal, interruption, env }: Cli,
): Promise<CommandEnd | undefined> {
  const raw = new RawTerminal(process.stdin, [process.stdout, process.stderr]);
  const { size } = raw;
  const request = {
    term: printable(env.TERM || 'dumb', 100),
    ...size,
    ...(command !== undefined && { command }),
  };
  const shell = await transport.shell(host, request, { deadline, overrideCircuit: true });
  deadline.pause();
  const resize = () => shell.resize(raw.size.columns, raw.size.rows);
  const unhearSize = raw.onResize(resize);
  const resume = () => void raw.resume().then(resize);
  process.on('SIGCONT', resume);
  const disconnect = new AbortController();
  const cancelled = new Promise<never>((_, reject) => {
    // An interruption that came before is what `shell` has thrown.
    interruption.signal.addEventListener('abort', () => reject(interruption.signal.reason as Error), {
      once: true,
    });
  });
  cancelled.catch(() => {});
  const disconnected = new Promise<undefined>((resolve) => {
    disconnect.signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  let hasEscapes = false;
  let output: Copy | undefined;
  try {
    await raw.enter();
    // It may have changed while the shell was opened.
    resize();
    output = copy(shell.stdout, terminal.stdout, (bytes) => {
      hasEscapes ||= bytes.includes(0x1b);
    });
    type(process.stdin, shell, {
      disconnect: () => disconnect.abort(),
      suspend: () => void raw.suspend().then(resize),
      help: () => void terminal.stdout.write(escapeHelp()),
    });
    const end = await Promise.race([shell.exit, cancelled, disconnected]);
    await Promise.race([output.written(), cancelled, disconnected]);
    output.stop();
    raw.leave();
    if (end) terminal.note(t('Connection to {0} closed.', host.name));
    else await terminal.stdout.write(`${hasEscapes ? resetScreen : ''}\n`);
    if (!end) terminal.note(t('Disconnected from {0}; what ran in the terminal was hung up.', host.name));
    return end;
  } catch (error) {
    output?.stop();
    raw.leave();
    await terminal.stdout.write(`${hasEscapes ? resetScreen : ''}\n`);
    throw error;
  } finally {
    unhearSize();
    process.off('SIGCONT', resume);
    shell.close();
  }
}

interface Copy {
  /** Waits for what is under way. */
  written(this: void): Promise<void>;
  /** What comes from now on is for nobody: it would undo what puts the terminal back. */
  stop(this: void): void;
}

/** Hands on what comes no faster than it is taken. */
function copy(from: Readable, to: OutputStream, see = (_bytes: Buffer) => {}): Copy {
  let last = Promise.resolve();
  const take = (bytes: Buffer) => {
    see(bytes);
    from.pause();
    last = to.write(bytes).then(() => void from.resume());
  };
  from.on('data', take);
  return { written: () => last, stop: () => void from.off('data', take) };
}

/** Sends what is typed to the shell, but for escapes. */
function type(input: ReadStream, { stdin }: HostShell, escapes: Record<Escape, () => void>): void {
  const reader = new EscapeReader();
  input.on('data', (typed: Buffer) => {
    for (const part of reader.read(typed)) {
      if (typeof part === 'string') escapes[part]();
      else if (stdin.writable) stdin.write(part);
    }
    if (stdin.writableLength <= mostWaiting) return;
    input.pause();
    stdin.once('drain', () => input.resume());
  });
  input.once('end', () => stdin.end());
  // The terminal has gone.
  input.on('error', () => escapes.disconnect());
}

function escapeHelp(): string {
  const lines = [
    t('Escapes at the beginning of a line:'),
    t('  ~.   disconnect'),
    t('  ~^Z  suspend muster'),
    t('  ~?   this help'),
    t('  ~~   send a tilde'),
  ];
  return lines.map((line) => `\r\n${line}`).join('') + '\r\n';
}
