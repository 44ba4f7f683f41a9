import { l10n } from 'vscode';
import type { WatchView } from '../../core/watch/watchView';
import { printable } from '../../../../platform/text/printable';
import type { PanelStatus, PanelWords } from '../../protocol/watchPanel';
import { spanText } from '../../../../shell/editor/text/spanText';
import { typeWords } from './watchRows';
import type { SessionState, WatchSession } from './watchSession';

export function panelWords(): PanelWords {
  return {
    columns: {
      revision: l10n.t('Revision'),
      time: l10n.t('Seen at'),
      type: l10n.t('Change'),
      key: l10n.t('Key'),
      size: l10n.t('Size'),
      change: l10n.t('Before → after'),
    },
    types: typeWords(),
    pause: l10n.t('Pause (Space)'),
    resume: l10n.t('Resume (Space)'),
    filter: l10n.t('Filter keys (/)'),
    regex: l10n.t('Regular expression (RE2)'),
    group: l10n.t('Group by Key'),
    startFrom: l10n.t('Start From…'),
    startAgain: l10n.t('Start Again'),
    exportRows: l10n.t('Export as NDJSON…'),
    open: l10n.t('Open Key'),
    compare: l10n.t('Compare Before and After'),
    copyKey: l10n.t('Copy Key'),
    copyRow: l10n.t('Copy as JSON'),
    onlyKey: l10n.t('Only This Key'),
    rows: l10n.t('Changes, the newest first'),
    keyboard: l10n.t(
      'Arrow keys, Page Up, Page Down, Home and End move. Enter opens the key, D compares before and after, F shows only this key, K copies the key, C copies the change as JSON, Space pauses, slash filters.',
    ),
    filtering: l10n.t('(filtering…)'),
  };
}

/** How a watch and its view are, in words. `folded`: rows that were never drawn; `now`: ms since the epoch. */
export function panelStatus(
  session: WatchSession,
  view: WatchView,
  folded: number,
  now = Date.now(),
): PanelStatus {
  const { log } = session;
  const rate = session.rate.read(now);
  const shown = view.end - view.first;
  const { state } = session;
  return {
    ...{ generation: view.generation, first: view.first, end: view.end, rate },
    isPaused: view.isPaused,
    isFiltering: view.isBehind,
    tone: state.kind === 'ended' ? 'error' : state.kind === 'live' ? 'info' : 'warning',
    state: stateText(state),
    proof: proofText(session, now),
    waiting: view.isPaused ? l10n.t('Paused, {0} new', view.behind.toLocaleString('en')) : '',
    count: countText(shown, log.events),
    folded:
      folded > 0
        ? l10n.t(
            '{0} rows came faster than they could be shown: scroll to them.',
            folded.toLocaleString('en'),
          )
        : '',
    forgotten: forgottenText(session),
    empty:
      log.end > log.first
        ? l10n.t('No change matches the filter.')
        : state.kind === 'live'
          ? l10n.t('No change so far.')
          : '',
    hasEnded: state.kind === 'ended',
    // The second that is not over would always be too low.
    rateText: l10n.t('{0}/s', (rate.at(-2) ?? 0).toLocaleString('en')),
  };
}

function stateText(state: SessionState): string {
  switch (state.kind) {
    case 'waiting':
      return state.why;
    case 'connecting':
      return l10n.t('Connecting…');
    case 'live':
      return l10n.t('Watching on {0}', state.endpoint);
    case 'away':
      return l10n.t(
        'Connection lost at {0}: {1}',
        new Date(state.since).toLocaleTimeString('en-GB'),
        printable(state.error.message, 120),
      );
    case 'ended':
      return l10n.t('Ended: {0}', printable(state.error.message, 200));
  }
}

function proofText({ log, state }: WatchSession, now: number): string {
  if (log.complete === 0 || log.aliveAt === undefined) return '';
  const ago = Math.max(0, Math.round((now - log.aliveAt) / 1000));
  if (state.kind === 'away')
    return l10n.t('Complete up to revision {0}, away for {1}', log.complete, spanText(now - state.since));
  return l10n.t('Complete up to revision {0}, seen alive {1} s ago', log.complete, ago);
}

function countText(shown: number, events: number): string {
  return l10n.t('{0} rows, {1} changes', shown.toLocaleString('en'), events.toLocaleString('en'));
}

function forgottenText({ log }: WatchSession): string {
  const { rows, revision } = log.forgotten;
  const { rowsWithoutValues } = log;
  return [
    ...(rows > 0
      ? [l10n.t('{0} older rows are forgotten, up to revision {1}.', rows.toLocaleString('en'), revision)]
      : []),
    ...(rowsWithoutValues > 0
      ? [l10n.t('{0} rows are left without their values.', rowsWithoutValues.toLocaleString('en'))]
      : []),
  ].join(' ');
}
