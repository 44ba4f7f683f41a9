import { l10n } from 'vscode';
import stringWidth from 'string-width';
import { printable } from '../../../platform/text/printable';
import { headText } from '../../../shell/editor/documents/headText';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { latency, statusWord, turningWord } from '../../../shell/editor/hosts/wording';
import { span } from '../../../shell/editor/text/age';
import { figuresOf, sparkline, stateChangesOf } from './historyFigures';
import { countsText, latencyText } from './historyWording';
import type { KeptStatus } from './resultColumns';

/** The past of a host's checks, or of one of them, as text; the newest results come first. */
export function historyText(fleet: Fleet, host: string, only?: string): string {
  const names = only === undefined ? fleet.checksOf(host).map(({ name }) => name) : [only];
  const offset = new Date().toString().match(/GMT[+-]\d{4}/)?.[0] ?? '';
  const head = headText([
    [l10n.t('Host'), printable(host)],
    [l10n.t('Inventory'), printable(fleet.file, 500)],
    [l10n.t('Time zone'), offset],
  ]);
  const blocks = names.map((check) => checkBlock(fleet, host, check));
  return `${[head, ...blocks].join('\n\n')}\n`;
}

function checkBlock(fleet: Fleet, host: string, check: string): string {
  const title = `──── ${printable(check)} ────`;
  const results = fleet.history.results(host, check);
  const last = results.at(-1);
  const now = stateNow(fleet, host, check);
  if (!last) return [title, ...(now ? [now] : []), l10n.t('There is no result yet.')].join('\n');
  const figures = figuresOf(results);
  const changes = stateChangesOf(results);
  const since = changes.at(-1)?.at ?? results[0]!.at;
  const summary = aligned([
    ['', l10n.t('State'), now ?? stateSince(last.status, changes.length > 0, since)],
    ['', l10n.t('Results'), countsText(figures)],
    ['', l10n.t('Latency'), figures.latency ? latencyText(figures) : l10n.t('no healthy result')],
    ['', l10n.t('Trend'), sparkline(results)],
  ]);
  const changeRows = changes
    .toReversed()
    .map(({ at, from, to, lastedMs }) => [
      '',
      time(at),
      `${statusWord(from)} → ${statusWord(to)}`,
      l10n.t('after {0}', span(lastedMs)),
    ]);
  const resultRows = results
    .toReversed()
    .map(({ at, status, latencyMs, message }) => [
      '',
      time(at),
      statusWord(status),
      latency(latencyMs),
      printable(message, 200),
    ]);
  return [
    title,
    summary,
    '',
    changes.length > 0 ? l10n.t('State changes ({0})', changes.length) : l10n.t('No change of state'),
    ...(changeRows.length > 0 ? [aligned(changeRows)] : []),
    '',
    aligned([['', l10n.t('Time'), l10n.t('State'), l10n.t('Latency'), l10n.t('Message')], ...resultRows], 3),
  ].join('\n');
}

/** The state where it is not that of the last result: which has not changed it yet, or is older than what hinders the check. */
function stateNow({ verdicts }: Fleet, host: string, check: string): string | undefined {
  const now = verdicts.result(host, check);
  if (!now?.turning && now?.status !== 'skipped') return undefined;
  const { status, turning, message } = now;
  return [statusWord(status), turning ? turningWord(turning) : printable(message, 200)].join(' · ');
}

function stateSince(status: KeptStatus, isKnown: boolean, since: number): string {
  return isKnown
    ? l10n.t('{0} since {1}', statusWord(status), time(since))
    : l10n.t('{0} since {1} at least', statusWord(status), time(since));
}

/** @param right the column whose cells stand on the right */
function aligned(rows: readonly (readonly string[])[], right?: number): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const gap = ' '.repeat(widths[column]! - stringWidth(cell));
          return column === right ? gap + cell : cell + gap;
        })
        .join(' '.repeat(2))
        .trimEnd(),
    )
    .join('\n');
}

/** `2026-11-23 11:02:03`, in the time zone of this machine. */
function time(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19).replace('T', ' ');
}
