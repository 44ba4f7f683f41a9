import { l10n } from 'vscode';
import type { LogStats } from '../../core/logSession';
import type { LogStream } from '../../core/logStream';
import type { FindState, ViewState } from '../../core/logView';
import { printable } from '../../../../platform/text/printable';
import type { LogStatus, Tone } from '../../protocol/logsPanel';
import { sizeText } from '../../../../shell/editor/text/sizeText';
import type { FollowingState, OpenFile } from '../logFollowing';
import { stateText } from './legendOf';
import { logMemorySetting } from '../logSettings';

/** What the panel itself adds to what the engine tells. */
export interface PanelFacts {
  /** Added to the engine's generation, so that those of several sessions differ. */
  generationBase: number;
  /** Position after the last row that is shown while the view is paused. */
  pausedAt: number | undefined;
  hasHighlight: boolean;
  isFiltering: boolean;
  pinned: number;
}

const nothing: Pick<
  LogStatus,
  'first' | 'end' | 'count' | 'dropped' | 'progress' | 'waiting' | 'rate' | 'matches'
> = { first: 0, end: 0, count: '', dropped: '', progress: '', waiting: '', rate: '', matches: '' };

/** How the stream is and what the view holds, in words. */
export function logStatus(state: FollowingState, facts: PanelFacts): LogStatus {
  const { generationBase: generation, pinned } = facts;
  const common = {
    isPaused: facts.pausedAt !== undefined,
    pinned: pinned > 0 ? l10n.t('One line is pinned: pin another to compare them.') : '',
  };
  switch (state.kind) {
    case 'waiting':
      return {
        ...nothing,
        ...common,
        generation,
        tone: 'warning',
        state: state.why,
        empty: '',
        hasEnded: false,
      };
    case 'failed': {
      const { message, hint } = state.error;
      const text = printable([message, hint].filter(Boolean).join(' — '), 400);
      return { ...nothing, ...common, generation, tone: 'error', state: text, empty: text, hasEnded: true };
    }
    case 'open': {
      const { session, view, file } = state;
      const { streams, stats } = session;
      const shown = shownOf(view.state, facts.pausedAt);
      const waiting = view.state.end - shown.end;
      return {
        ...common,
        ...shown,
        generation: generation + view.state.generation,
        ...(file ? fileText(file, streams[0]!) : streamsText(streams)),
        count: countText(shown, stats),
        dropped: droppedText(stats),
        progress: progressText(view.state, stats),
        waiting: common.isPaused ? l10n.t('Paused, {0} new', number(waiting)) : '',
        rate: l10n.t('{0} lines/s', number(Math.round(stats.rate))),
        matches: facts.hasHighlight ? matchesText(view.findState) : '',
        empty: emptyText(stats, view.state, streams, facts.isFiltering),
      };
    }
  }
}

/** The positions that are shown: while paused what came meanwhile is not. */
export function shownOf(
  { first, end }: ViewState,
  pausedAt: number | undefined,
): { first: number; end: number } {
  const last = pausedAt === undefined ? end : Math.min(end, Math.max(first, pausedAt));
  return { first, end: last };
}

function streamsText(streams: readonly LogStream[]): Pick<LogStatus, 'tone' | 'state' | 'hasEnded'> {
  const counts = new Map<LogStream['state'], number>();
  for (const { state } of streams) counts.set(state, (counts.get(state) ?? 0) + 1);
  const failed = streams.filter(({ state }) => state === 'failed');
  const over = failed.length + (counts.get('ended') ?? 0);
  const hasEnded = streams.length > 0 && over === streams.length;
  const away = ['connecting', 'unreachable', 'reconnecting', 'waiting'] as const;
  const isAway = away.some((state) => counts.has(state));
  const tone: Tone = failed.length > 0 ? 'error' : isAway ? 'warning' : 'info';
  const following = (counts.get('following') ?? 0) + (counts.get('reading') ?? 0);
  const parts = [
    hasEnded
      ? l10n.t('Ended: {0} sources', number(streams.length))
      : l10n.t('Following {0} of {1} sources', number(following), number(streams.length)),
    ...away.flatMap((state) =>
      counts.has(state) ? [l10n.t('{0}: {1}', number(counts.get(state)!), stateText({ state }))] : [],
    ),
    ...(failed.length > 0 ? [l10n.t('{0}: {1}', number(failed.length), stateText(failed[0]!))] : []),
  ];
  return { tone, state: parts.join(', '), hasEnded };
}

/** How much of a file is read, and where that is. */
function fileText(
  { reach, seek }: OpenFile,
  { state, error }: LogStream,
): Pick<LogStatus, 'tone' | 'state' | 'hasEnded'> {
  if (state === 'failed') return { tone: 'error', state: stateText({ state, error }), hasEnded: true };
  const { start, end, size } = reach;
  const share = (offset: number) => `${size === 0 ? 100 : Math.floor((offset / size) * 100)} %`;
  const common = { tone: 'info' as const, hasEnded: false };
  if (seek)
    return {
      ...common,
      state: l10n.t(
        'Read from {0} to {1} of {2}, the rest when it is looked at',
        share(start),
        share(end),
        sizeText(size),
      ),
    };
  if (end < size) return { ...common, state: l10n.t('Reading {0} of {1}', share(end), sizeText(size)) };
  return { ...common, state: l10n.t('All of {0} is read', sizeText(size)) };
}

function countText({ first, end }: { first: number; end: number }, { retained }: LogStats): string {
  return l10n.t(
    '{0} of {1} lines',
    number(Math.min(end - first, Math.max(retained, end - first))),
    number(retained),
  );
}

function droppedText({ dropped, late, throttled }: LogStats): string {
  const memory = logMemorySetting.get();
  return [
    ...(dropped > 0
      ? [l10n.t('The {0} oldest lines were dropped to keep within {1} MiB.', number(dropped), memory)]
      : []),
    ...(late > 0 ? [l10n.t('{0} came late.', number(late))] : []),
    ...(throttled ? [l10n.t('The sources are slowed down to what can be taken in.')] : []),
  ].join(' ');
}

function progressText({ scanned, total }: ViewState, { retained }: LogStats): string {
  if (scanned >= 1 || retained === 0 || total === 0) return '';
  return l10n.t('Filtering, {0} %', Math.floor(scanned * 100));
}

function matchesText({ count, scanned }: FindState): string {
  const text = count === 1 ? l10n.t('1 match') : l10n.t('{0} matches', number(count));
  return scanned < 1 ? `${text}, ${Math.floor(scanned * 100)} %` : text;
}

function emptyText(
  { retained }: LogStats,
  { scanned }: ViewState,
  streams: readonly LogStream[],
  isFiltering: boolean,
): string {
  if (retained > 0 && isFiltering) return scanned < 1 ? '' : l10n.t('No line matches the filters.');
  if (retained > 0) return '';
  const failed = streams.find(({ state }) => state === 'failed');
  if (failed) return stateText(failed);
  const isOpen = streams.some(({ state }) => /^(?:reading|following|ended)$/.test(state));
  if (isOpen) return l10n.t('No line so far.');
  const first = streams.find(({ error }) => error !== undefined) ?? streams[0];
  return first ? stateText(first) : l10n.t('Connecting…');
}

function number(count: number): string {
  return count.toLocaleString('en');
}
