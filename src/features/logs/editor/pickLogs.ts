import { l10n, QuickPickItemKind, type QuickPickItem, window } from 'vscode';
import type { LogOrigin } from '../core/logSource';
import type { LogStart } from '../core/logSession';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { type HostChoice, pickFleet, pickHostsStep } from '../../../shell/editor/commands/pickHosts';
import { back, quickPickStep, type StepPlace } from '../../../shell/editor/commands/quickPickStep';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { hostCount } from '../../../shell/editor/hosts/wording';
import type { LogOrder } from './panel/logOrder';
import { parseMoment } from './panel/moment';
import { inventoryLogs } from '../core/inventoryLog';

/** What is known before anything is asked. */
export interface LogDraft {
  choice?: HostChoice;
  start?: LogStart;
  at?: number;
}

type Source = { sources: string[] } | { origin: LogOrigin };

/** Asks which hosts, which of their logs, and since when, in steps that can be gone back over; undefined when it was left. */
export async function pickLogs(fleets: readonly Fleet[], draft: LogDraft): Promise<LogOrder | undefined> {
  const fleet = draft.choice?.fleet ?? (await pickFleet(fleets));
  if (!fleet) return undefined;
  const totalSteps = draft.start === undefined ? 3 : 2;
  let { choice, start } = draft;
  let source: Source | undefined;
  for (let step = choice ? 2 : 1; step <= totalSteps;) {
    const place: StepPlace = { step, totalSteps, canGoBack: step > 1 };
    const answer =
      step === 1
        ? await pickHostsStep(fleet, l10n.t('Follow the logs of which hosts?'), {
            place,
            ...(choice && { selector: choice.selector }),
          })
        : step === 2
          ? await pickSource(choice!, place)
          : await pickStart(place);
    if (answer === undefined) return undefined;
    if (answer === back) step--;
    else {
      if (step === 1) choice = answer as HostChoice;
      else if (step === 2) source = answer as Source;
      else start = answer as LogStart;
      step++;
    }
  }
  return {
    inventory: fleet.id,
    hosts: choice!.hosts.map(({ name }) => name),
    sources: [],
    origin: undefined,
    file: undefined,
    ...source!,
    start: start!,
    at: draft.at,
  };
}

interface SourceItem extends QuickPickItem {
  source?: Source;
  ask?: () => Promise<LogOrigin | undefined>;
}

async function pickSource(choice: HostChoice, place: StepPlace): Promise<Source | typeof back | undefined> {
  const names = new Set(choice.hosts.map(({ name }) => name));
  const known = [...(choice.fleet.inventory?.section(inventoryLogs).values() ?? [])]
    .map((source) => ({ source, count: source.hosts.filter((host) => names.has(host)).length }))
    .filter(({ count }) => count > 0);
  const items: SourceItem[] = [
    ...(known.length > 1
      ? [
          {
            label: l10n.t('All Sources'),
            description: known.map(({ source }) => source.name).join(', '),
            source: { sources: known.map(({ source }) => source.name) },
          },
        ]
      : []),
    ...known.map(({ source, count }) => ({
      label: source.name,
      description: originText(source.origin),
      detail: hostCount(count),
      source: { sources: [source.name] },
    })),
    ...(known.length > 0 ? [{ label: l10n.t('Anything else'), kind: QuickPickItemKind.Separator }] : []),
    { label: `$(file) ${l10n.t('A File or Several…')}`, detail: l10n.t('A path or a pattern'), ask: askPath },
    { label: `$(server-process) ${l10n.t('The Journal of a Unit…')}`, detail: 'journalctl', ask: askUnit },
    {
      label: `$(terminal) ${l10n.t('The Output of a Command…')}`,
      detail: l10n.t('It runs until the panel is closed'),
      ask: async () => {
        refuseReadOnly(choice.hosts);
        return askCommand();
      },
    },
  ];
  return quickPickStep<SourceItem, Source>(
    l10n.t('Which log of {0}?', hostCount(choice.hosts.length)),
    place,
    ({ picker, answer, aside }) => {
      picker.items = items;
      picker.matchOnDescription = true;
      picker.onDidAccept(() => {
        const [item] = picker.selectedItems;
        if (item?.source) answer(item.source);
        else if (item?.ask)
          aside(async () => {
            const origin = await item.ask!();
            if (origin) answer({ origin });
          });
      });
    },
  );
}

function originText(origin: LogOrigin): string {
  switch (origin.kind) {
    case 'file':
      return origin.path;
    case 'journal':
      return origin.unit === undefined ? 'journalctl' : `journalctl -u ${origin.unit}`;
    case 'command':
      return origin.command;
  }
}

async function askPath(): Promise<LogOrigin | undefined> {
  const path = await window.showInputBox({
    title: l10n.t('Which file?'),
    prompt: l10n.t(
      'A path or a pattern on each host, as /var/log/app/*.log; {name} and the other placeholders work',
      '{name}',
    ),
    validateInput: (text) =>
      text.trim() === '' || /^[/~]/.test(text.trim())
        ? undefined
        : l10n.t('Write a path that begins with /.'),
  });
  return path?.trim() ? { kind: 'file', path: path.trim() } : undefined;
}

async function askUnit(): Promise<LogOrigin | undefined> {
  const unit = await window.showInputBox({
    title: l10n.t('Which unit of systemd?'),
    prompt: l10n.t('As nginx or ssh.service; empty for the whole journal'),
  });
  if (unit === undefined) return undefined;
  return unit.trim() === '' ? { kind: 'journal' } : { kind: 'journal', unit: unit.trim() };
}

async function askCommand(): Promise<LogOrigin | undefined> {
  const command = await window.showInputBox({
    title: l10n.t('Which command?'),
    prompt: l10n.t('What it writes is followed, as docker logs -f app'),
  });
  return command?.trim() ? { kind: 'command', command: command.trim() } : undefined;
}

interface StartItem extends QuickPickItem {
  start?: () => LogStart;
}

/** Asks where to begin. */
export async function pickStart(place?: StepPlace): Promise<LogStart | typeof back | undefined> {
  const minutes = (count: number) => () => ({ time: Date.now() - count * 60_000 });
  const items: StartItem[] = [
    {
      label: l10n.t('The Last Lines'),
      detail: l10n.t('The end of each log, then what comes'),
      start: () => 'recent',
    },
    { label: l10n.t('10 Minutes Ago'), start: minutes(10) },
    { label: l10n.t('1 Hour Ago'), start: minutes(60) },
    { label: l10n.t('1 Day Ago'), start: minutes(24 * 60) },
    { label: l10n.t('A Time…'), detail: l10n.t('As 14:05, 2026-11-26 14:05 or 90m') },
    { label: l10n.t('The Beginning'), detail: l10n.t('All that the logs hold'), start: () => 'beginning' },
    { label: l10n.t('Now'), detail: l10n.t('Only what comes from now on'), start: () => 'end' },
  ];
  return quickPickStep<StartItem, LogStart>(l10n.t('Since when?'), place, ({ picker, answer, aside }) => {
    picker.items = items;
    picker.onDidAccept(() => {
      const [item] = picker.selectedItems;
      if (!item) return;
      if (item.start) return answer(item.start());
      aside(async () => {
        const time = await askMoment(l10n.t('Since when?'));
        if (time !== undefined) answer({ time });
      });
    });
  });
}

/** A moment, ms since the epoch. */
export async function askMoment(title: string): Promise<number | undefined> {
  const typed = await window.showInputBox({
    title,
    prompt: l10n.t('As 14:05, 2026-11-26 14:05, 2026-11-26T14:05Z, or 90m for so long ago'),
    validateInput: (text) =>
      text.trim() === '' || parseMoment(text) !== undefined ? undefined : l10n.t('This is not a time.'),
  });
  return typed === undefined ? undefined : parseMoment(typed);
}
