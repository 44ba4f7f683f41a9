import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Deadline } from '../deadline';
import { MusterError, toMusterError } from '../errors';
import { t, text } from '../l10n';
import { printable } from '../printable';

export interface Pinged {
  /** Round trips of the replies, in ms, in the order of their arrival. */
  readonly times: number[];
  /** What a router said in place of the host, e.g. `Destination Host Unreachable`. */
  readonly complaint: string | undefined;
}

/** Milliseconds between two packets: the fewest that users other than root may ask for. Windows takes no other. */
export const intervalMs = process.platform === 'win32' ? 1_000 : 200;
/** Milliseconds in which a ping that was interrupted ends. */
const endMs = 500;
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
 * @throws MusterError UNAVAILABLE where this machine cannot, UNREACHABLE where it has no route
 */
export async function ping(address: string, count: number, deadline: Deadline): Promise<Pinged> {
  const [file, args] = commandFor(address, count);
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
    windowsHide: true,
  });
  let output = '';
  let complaints = '';
  child.stdout.on(
    'data',
    (bytes: Buffer) => (output = (output + bytes.toString('latin1')).slice(0, mostOutput)),
  );
  child.stderr.on(
    'data',
    (bytes: Buffer) => (complaints = (complaints + bytes.toString('latin1')).slice(0, mostOutput)),
  );
  let killing: NodeJS.Timeout | undefined;
  const unhear = deadline.onAbort(() => {
    // It prints what it has received when it is interrupted.
    child.kill('SIGINT');
    killing = setTimeout(() => child.kill('SIGKILL'), endMs);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', () => resolve());
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw unavailable(t('there is no `{0}` here', file), error);
    throw toMusterError(error, { phase: 'run' });
  } finally {
    unhear();
    clearTimeout(killing);
  }
  if (deadline.reason?.code === 'CANCELLED') throw deadline.reason;
  const times = repliesIn(output);
  if (times.length === 0 && complaints.trim() !== '') throw refusal(complaints);
  return { times, complaint: complaintIn(output) };
}

/** The times of replies, which stand once in their lines; those of a reply that came twice count once. */
export function repliesIn(output: string): number[] {
  return output
    .split('\n')
    .filter((line) => !line.includes('DUP!'))
    .flatMap((line) => {
      const found = [...line.matchAll(/[=<]\s?(\d+(?:\.\d+)?)\s?ms\b/g)];
      return found.length === 1 ? [Number(found[0]![1])] : [];
    });
}

function complaintIn(output: string): string | undefined {
  return /(?:Destination \w+ (?:Unreachable|Prohibited)|Time to live exceeded|Packet filtered)/i.exec(
    output,
  )?.[0];
}

function refusal(complaints: string): MusterError {
  const said = printable(complaints.trim().split('\n').at(-1)!, 200);
  if (/permi(tted|ssion)/i.test(complaints)) return unavailable(said);
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
