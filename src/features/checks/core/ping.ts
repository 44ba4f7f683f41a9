import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Deadline } from '../../../platform/batch/deadline';
import { MusterError, toMusterError } from '../../../platform/errors/errors';
import { t, text } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import { type CommandEnd, howEnded } from '../../../platform/transport/howEnded';
import { endShell } from '../../../platform/transport/local/shellProcess';

export interface Pinged {
  /** Round trips of the replies, in ms, in the order of their arrival. */
  readonly times: number[];
  /** Packets that were sent and could be answered in time: what was still under way at the end is not lost. */
  readonly judged: number;
  /** What a router said in place of the host, e.g. `Destination Host Unreachable`. */
  readonly complaint: string | undefined;
}

/** Milliseconds between two packets: the fewest that users other than root may ask for. Windows takes no other. */
export const intervalMs = process.platform === 'win32' ? 1_000 : 200;
/** Bytes of its output that are read. */
const mostOutput = 64 * 1024;

/** The program, never one from the present folder, and what it is given. */
function commandFor(address: string, count: number): [file: string, args: string[]] {
  if (process.platform === 'win32') {
    const file = path.join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'ping.exe');
    return [file, ['-n', String(count), address]];
  }
  // The ping of macOS speaks IPv4 only.
  const isOther = process.platform === 'darwin' && address.includes(':');
  return [isOther ? 'ping6' : 'ping', ['-n', '-c', String(count), '-i', String(intervalMs / 1000), address]];
}

/**
 * Sends echo requests with the system's `ping`, which has the right to, and ends it when time is up.
 * @param address an IP address
 * @throws MusterError UNAVAILABLE where this machine cannot, UNREACHABLE where it has no route, TIMEOUT when nothing was
 * sent in time
 */
export async function ping(address: string, count: number, deadline: Deadline): Promise<Pinged> {
  const [file, args] = commandFor(address, count);
  const { output, complaints, end } = await outputOf(file, args, deadline);
  if (deadline.reason?.code === 'CANCELLED') throw deadline.reason;
  const replies = repliesIn(output);
  const times = replies.map(({ ms }) => ms);
  const complaint = complaintIn(output);
  const sent = Number(/(\d+) packets? transmitted|Sent = (\d+)/.exec(output)?.slice(1).find(Boolean) ?? NaN);
  if (deadline.reason) {
    if (sent === 0) throw deadline.reason;
    const judged = replies.length > 0 ? lastAnswered(replies, output) : sent || count;
    return { times, judged, complaint };
  }
  if (times.length === 0 && complaints.trim() !== '') throw refusal(complaints);
  if (times.length === 0 && !(sent > 0))
    throw unavailable(t('`{0}` {1} without a result', file, howEnded(end)));
  return { times, judged: sent || count, complaint };
}

/** What the program said until it ended, or was ended because time is up. */
async function outputOf(
  file: string,
  args: readonly string[],
  deadline: Deadline,
): Promise<{ output: string; complaints: string; end: CommandEnd }> {
  const child = spawn(file, args, {
    ...{ stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, detached: process.platform !== 'win32' },
    env: { ...process.env, LC_ALL: 'C' },
  });
  const said = { output: '', complaints: '' };
  const keep = (what: keyof typeof said) => (bytes: Buffer) =>
    (said[what] = (said[what] + bytes.toString('latin1')).slice(0, mostOutput));
  child.stdout.on('data', keep('output'));
  child.stderr.on('data', keep('complaints'));
  // It prints what it has received when it is interrupted.
  const unhear = deadline.onAbort(() => void endShell(child, 'SIGINT'));
  // Where it is a script, what it started may outlive it.
  child.once('exit', () => void endShell(child));
  try {
    const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { ...said, end: { exitCode, signal: signal?.replace(/^SIG/, '') ?? null } };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw unavailable(t('there is no `{0}` here', file), error);
    if (code === 'EACCES') throw unavailable(t('`{0}` may not be run', file), error);
    throw toMusterError(error, { phase: 'run' });
  } finally {
    unhear();
  }
}

interface Reply {
  ms: number;
  /** Its place among the packets, from 0 or 1 on; Windows does not say. */
  sequence: number | undefined;
}

/** The replies, whose times stand once in their lines; one that came twice counts once. */
export function repliesIn(output: string): Reply[] {
  return output
    .split('\n')
    .filter((line) => !line.includes('DUP!'))
    .flatMap((line) => {
      const found = [...line.matchAll(/[=<]\s?(\d+(?:\.\d+)?)\s?ms\b/g)];
      const sequence = /seq=(\d+)/.exec(line)?.[1];
      if (found.length !== 1) return [];
      return [{ ms: Number(found[0]![1]), sequence: sequence === undefined ? undefined : Number(sequence) }];
    });
}

/** Packets up to the last one that was answered. */
function lastAnswered(replies: readonly Reply[], output: string): number {
  const timedOut = output.match(/Request timed out/g)?.length ?? 0;
  // iputils counts from 1, busybox and the others from 0.
  const isFromOne = process.platform === 'linux' && output.includes('icmp_seq=');
  const sequences = replies.flatMap(({ sequence }) => sequence ?? []);
  if (sequences.length === 0) return replies.length + timedOut;
  return Math.max(...sequences) + (isFromOne ? 0 : 1);
}

function complaintIn(output: string): string | undefined {
  return /Destination (?:unreachable: [\w ]+|[\w ]+ (?:Unreachable|Prohibited))|Time (?:to live )?exceeded(?:: [\w ]+)?|Packet filtered/i.exec(
    output,
  )?.[0];
}

function refusal(complaints: string): MusterError {
  // A usage text follows what is wrong.
  const said = printable(complaints.trim().split('\n')[0]!, 200);
  if (/permi(tted|ssion)|^usage:|(?:unknown|invalid|illegal|unrecognized) option/im.test(complaints))
    return unavailable(said);
  const code = /unreachable|no route/i.test(complaints) ? 'UNREACHABLE' : 'PROTOCOL';
  return new MusterError(code, said, { phase: 'connect', hint: t(hint) });
}

const hint = text('Try `ping` on this machine, or check a port of the host with a check of type tcp.');

function unavailable(reason: string, cause?: unknown): MusterError {
  return new MusterError('UNAVAILABLE', t('this machine cannot send a ping: {0}', reason), {
    phase: 'run',
    hint: t(
      'Install ping (Debian: iputils-ping), allow it with the sysctl net.ipv4.ping_group_range, or use a check of type tcp.',
    ),
    cause,
  });
}
