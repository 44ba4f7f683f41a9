import { pause } from '../../../../platform/batch/deadline';
import { type ErrorReport, errorReport, MusterError } from '../../../../platform/errors/errors';
import type { BecomeSettings, Host } from '../../../../platform/inventory/model';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import { type CommandEnd, howEnded } from '../../../../platform/transport/howEnded';
import type { HostChannel, HostCommands } from '../../../../platform/transport/hostTransport';
import { type Gate, openFollowChannel } from './followChannel';
import { type Attempt, type Followed, MisplacedFile } from './followed';
import type { LogSink } from '../store/logSink';
import type { StreamState } from '../logStream';
import { beatMs } from './remoteScript';

export interface FollowContext {
  readonly transport: HostCommands;
  /** How much waits to be merged, and when that was. */
  readonly sink: Pick<LogSink, 'pendingOf' | 'onDrain'>;
  readonly gate: Gate;
  readonly signal: AbortSignal;
  readonly follow: boolean;
  readonly become?: BecomeSettings | undefined;
  /** Told when the channel is held back, and when it goes on. */
  readonly holdBack: (isHeld: boolean) => void;
}

/** Bytes of a channel that may wait to be merged before its source is held back, and up to which it goes on again. */
const mostPending = 4 * 1024 * 1024;
const resumeBelow = 2 * 1024 * 1024;

const firstWaitMs = 500;
const longestWaitMs = 15_000;

/** What cannot be mended by trying again. */
const finalCodes = [
  ...(['AUTH', 'HOST_KEY_UNKNOWN', 'HOST_KEY_MISMATCH', 'USAGE', 'INVENTORY'] as const),
  ...(['UNTRUSTED', 'READ_ONLY', 'INTERNAL'] as const),
];

/**
 * Follows through one channel until the signal aborts, reconnecting when the link is lost. Resolves when nothing more
 * comes, however that came about: the streams tell.
 */
export async function followHost(
  host: Host | undefined,
  feed: number,
  followed: Followed,
  failedBeforeStream: (state: StreamState, error: ErrorReport) => void,
  context: FollowContext,
): Promise<void> {
  const { signal, follow, gate, transport, become } = context;
  let wait = firstWaitMs;
  let wasConnected = false;
  let isTold = true;
  for (let isFirst = true; !signal.aborted;) {
    const attempt = followed.attempt(isFirst);
    let openedAt = Infinity;
    try {
      const channel = await gate.through(() =>
        openFollowChannel(transport, host, attempt.script, signal, wasConnected, become),
      );
      wasConnected = true;
      isFirst = false;
      isTold = false;
      openedAt = performance.now();
      attempt.opened?.();
      const ended = await pump(channel, feed, attempt, context);
      if (attempt.isComplete(ended.exitCode) || signal.aborted) break;
      if (!follow && ended.exitCode === null && ended.signal === null) {
        // The link is there: another attempt would end in the same way.
        const report = errorReport(notReadToItsEnd(ended));
        for (const stream of followed.streams) stream.state('failed', report);
        if (followed.streams.length === 0) failedBeforeStream('failed', report);
        return;
      }
      throw new MusterError('RESET', t('what follows the log ended on the host'), { phase: 'run' });
    } catch (error) {
      if (signal.aborted) break;
      if (error instanceof MisplacedFile) {
        followed.disconnected();
        continue;
      }
      const report = errorReport(error);
      // A password that is no longer right is not sent again with each attempt.
      const isFinal =
        MusterError.is(error, 'BECOME_REFUSED') ||
        (!wasConnected && (!follow || MusterError.is(error, ...finalCodes)));
      const state = isFinal ? 'failed' : wasConnected ? 'reconnecting' : 'unreachable';
      if (followed.streams.length === 0) failedBeforeStream(state, report);
      for (const stream of followed.streams) stream.state(state, report);
      if (isFinal) return;
      if (!isTold) {
        isTold = true;
        for (const stream of followed.streams)
          stream.event({
            kind: 'disconnected',
            text: t('disconnected: {0}', printable(report.message, 200)),
          });
      }
      followed.disconnected();
      if (performance.now() - openedAt > longestWaitMs) wait = firstWaitMs;
      await pause(wait, signal);
      wait = Math.min(longestWaitMs, wait * 2);
    }
  }
  for (const stream of followed.streams) stream.state('ended');
}

function notReadToItsEnd(ended: CommandEnd): MusterError {
  return new MusterError('EXIT_STATUS', t('what reads the log on the host: {0}', howEnded(ended)), {
    phase: 'run',
    hint: t('The server did not say how the command ended, so lines may be missing.'),
  });
}

/** Reads the channel to its end, no faster than the lines are merged; how the script ended. */
async function pump(
  channel: HostChannel,
  feed: number,
  attempt: Attempt,
  { sink, signal, holdBack }: FollowContext,
): Promise<CommandEnd> {
  const outputs = [channel.stdout, channel.stderr];
  let failure: unknown;
  const end = () => {
    // The script ends with its standard input; closing ends it where that does not.
    channel.stdin.end();
    channel.close();
  };
  const beat = setInterval(() => channel.stdin.write('\n'), beatMs);
  const guarded = (take: (chunk: Buffer) => void) => (chunk: Buffer) => {
    if (failure !== undefined) return;
    try {
      take(chunk);
    } catch (error) {
      failure = error;
      end();
      return;
    }
    if (sink.pendingOf(feed) <= mostPending) return;
    for (const output of outputs) output.pause();
    holdBack(true);
  };
  const unhear = sink.onDrain(() => {
    if (!channel.stdout.isPaused() || sink.pendingOf(feed) >= resumeBelow) return;
    for (const output of outputs) output.resume();
    holdBack(false);
  });
  signal.addEventListener('abort', end, { once: true });
  channel.stdin.on('error', () => {});
  channel.stdout.on(
    'data',
    guarded((chunk) => attempt.stdout(chunk)),
  );
  channel.stderr.on(
    'data',
    guarded((chunk) => attempt.stderr?.(chunk)),
  );
  if (signal.aborted) end();
  try {
    const ended = await channel.exit;
    if (failure !== undefined) throw failure as Error;
    return ended;
  } finally {
    clearInterval(beat);
    signal.removeEventListener('abort', end);
    unhear();
    holdBack(false);
  }
}
