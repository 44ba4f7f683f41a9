import { l10n, window } from 'vscode';
import { runMuster } from '../../../../shell/editor/commands/musterCommands';
import type { LogDetails } from '../../core/logRow';
import { stackFrameIn } from '../../core/recognise/stackFrames';
import { printable } from '../../../../platform/text/printable';
import type { LineAction, PanelAction } from '../../protocol/logsPanel';
import { back } from '../../../../shell/editor/commands/quickPickStep';
import { copyLines, openInEditor, saveLines } from '../exportLog';
import { hostLabel } from './legendOf';
import type { LineDocuments } from '../lineDocuments';
import { momentText, parseMoment } from './moment';
import { everything } from './logOrder';
import type { ChosenLines, LogsPanel } from './logsPanel';
import { pickField } from './pickField';
import { pickStart } from '../pickLogs';
import { inventoryLogs } from '../../core/inventoryLog';

/** Milliseconds before a line from which on other sources are read for its timeline. */
const timelineMs = 10 * 60_000;

/** What can be done with lines and panels: chosen by a key, a button or an entry of a menu. */
export class LineActions {
  constructor(private readonly documents: LineDocuments) {}

  readonly act = async (
    panel: LogsPanel,
    action: LineAction | PanelAction,
    lines: ChosenLines,
  ): Promise<void> => {
    const view = panel.engineView;
    const hasSeveral = (panel.session?.streams.length ?? 0) > 1;
    switch (action) {
      case 'copy':
        return view && copyLines(view, lines);
      case 'openInEditor':
        return view && openInEditor(view, lines, hasSeveral);
      case 'save':
        return view && saveLines(view, lines, hasSeveral, panel.title);
      case 'bookmark':
        return this.bookmark(panel, lines);
      case 'bookmarks':
        return this.pickBookmark(panel);
      case 'pin':
        return this.pin(panel, lines);
      case 'onlyHost':
        return this.onlyHost(panel, lines);
      case 'filterField':
        return this.filterField(panel, lines);
      case 'correlate':
        return this.correlate(panel, lines);
      case 'openFrame':
        return this.openFrame(panel, lines);
      case 'goTo':
        return this.askPlace(panel);
      case 'since': {
        const start = await pickStart();
        if (start !== undefined && start !== back) panel.beginAgain({ ...panel.order, start, at: undefined });
        return;
      }
      case 'again':
        return panel.beginAgain(panel.order);
      case 'clearView':
        return panel.changeView({ from: Date.now(), to: undefined });
    }
  };

  /** The line that has the focus; says so when it was dropped meanwhile. */
  private async lineOf(panel: LogsPanel, { id }: ChosenLines): Promise<LogDetails | undefined> {
    const details = id === undefined ? undefined : await panel.session?.details(id);
    if (id !== undefined && !details)
      void window.showInformationMessage(l10n.t('This line was dropped already.'));
    return details?.kind === 'line' ? details : undefined;
  }

  private async bookmark(panel: LogsPanel, lines: ChosenLines): Promise<void> {
    const { bookmarks } = panel;
    if (lines.id !== undefined && bookmarks.delete(lines.id)) return panel.redraw();
    const line = await this.lineOf(panel, lines);
    if (!line) return;
    bookmarks.set(line.seq, {
      text: printable(line.fullText, 200),
      host: this.hostOf(panel, line),
      time: line.time,
    });
    panel.redraw();
  }

  private async pickBookmark(panel: LogsPanel): Promise<void> {
    const items = [...panel.bookmarks]
      .sort(([one], [other]) => one - other)
      .map(([seq, { text, host, time }]) => ({
        label: text === '' ? l10n.t('(an empty line)') : text,
        description: host,
        ...(time !== undefined && { detail: momentText(time) }),
        seq,
      }));
    if (items.length === 0) {
      void window.showInformationMessage(l10n.t('There is no bookmark: B sets one on the chosen line.'));
      return;
    }
    const picked = await window.showQuickPick(items, {
      title: l10n.t('Bookmarks'),
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (picked) await panel.goToLine(picked.seq);
  }

  /** The second line that is pinned is compared with the first. */
  private async pin(panel: LogsPanel, lines: ChosenLines): Promise<void> {
    const { pinned } = panel;
    if (lines.id !== undefined && pinned.delete(lines.id)) return panel.redraw();
    const line = await this.lineOf(panel, lines);
    if (!line) return;
    const [first] = pinned;
    pinned.add(line.seq);
    panel.redraw();
    if (first === undefined) return;
    pinned.clear();
    const other = await panel.session?.details(first);
    panel.redraw();
    if (!other) {
      void window.showInformationMessage(l10n.t('This line was dropped already.'));
      return;
    }
    const title = `${this.nameOf(panel, other)} ↔ ${this.nameOf(panel, line)}`;
    await this.documents.compare(other, line, title);
  }

  private async onlyHost(panel: LogsPanel, lines: ChosenLines): Promise<void> {
    const line = await this.lineOf(panel, lines);
    if (!line) return;
    const host = this.hostOf(panel, line);
    const hosts = new Set(panel.session!.streams.map((stream) => hostLabel(stream.host)));
    hosts.delete(host);
    const isAlone = panel.shownView.hiddenHosts.length === hosts.size;
    await panel.changeView({ hiddenHosts: isAlone ? [] : [...hosts] }, line.seq);
  }

  private async filterField(panel: LogsPanel, lines: ChosenLines): Promise<void> {
    const line = await this.lineOf(panel, lines);
    const picked = line && (await pickField(line, l10n.t('Show only lines with which field?')));
    if (!picked) return;
    const { field, value } = picked;
    const isPlain = /^[^\s"\\]+$/.test(value);
    const condition = `${field}=${isPlain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`;
    const { fields } = panel.shownView;
    await panel.changeView({ fields: `${fields} ${condition}`.trim() }, line.seq);
  }

  private async correlate(panel: LogsPanel, lines: ChosenLines): Promise<void> {
    const line = await this.lineOf(panel, lines);
    const picked = line && (await pickField(line, l10n.t('One timeline of which field?')));
    if (!picked) return;
    await this.addSources(panel, line);
    await panel.changeView(
      { ...everything, highlight: panel.shownView.highlight, correlate: picked },
      line.seq,
    );
  }

  /** Offers to follow the other logs of the inventory, too: a timeline leads from service to service. */
  private async addSources(panel: LogsPanel, line: LogDetails): Promise<void> {
    const inventory = panel.fleet?.inventory;
    if (!inventory) return;
    const followed = new Set(panel.session!.streams.map(({ host, source }) => `${host}\0${source}`));
    const others = [...inventory.section(inventoryLogs).values()].filter(({ name, hosts }) =>
      hosts.some((host) => !followed.has(`${host}\0${name}`)),
    );
    if (others.length === 0) return;
    const items = [
      { label: l10n.t('In What Is Followed'), isMore: false },
      {
        label: l10n.t('In All Logs of the Inventory'),
        detail: others.map(({ name, hosts }) => `${name} (${hosts.length})`).join(', '),
        isMore: true,
      },
    ];
    const picked = await window.showQuickPick(items, { title: l10n.t('One timeline of which logs?') });
    if (!picked?.isMore) return;
    const hosts = [...inventory.hosts.values()];
    await panel.add(
      (core) =>
        core.logs.targetsOf(
          inventory,
          hosts,
          others.map(({ name }) => name),
        ),
      (line.time ?? Date.now()) - timelineMs,
    );
  }

  /** A time, or of a file on a host a share or an offset. */
  private async askPlace(panel: LogsPanel): Promise<void> {
    const seek = panel.file?.seek;
    const typed = await window.showInputBox({
      title: l10n.t('Go to which line?'),
      prompt: seek
        ? l10n.t(
            'A time, as 14:05, 2026-11-26 14:05 or 90m; a share of the file, as 40%; or an offset in bytes',
          )
        : l10n.t('A time, as 14:05, 2026-11-26 14:05 or 90m for so long ago'),
      validateInput: (text) =>
        text.trim() === '' || parseMoment(text) !== undefined || (seek && offsetIn(text, 0) !== undefined)
          ? undefined
          : l10n.t('This is not a time.'),
    });
    if (!typed?.trim()) return;
    const offset = seek && offsetIn(typed, panel.file.reach.size);
    if (offset !== undefined) {
      await seek!(offset);
      return panel.goToLine(offset);
    }
    await panel.goToTime(parseMoment(typed)!);
  }

  private async openFrame(panel: LogsPanel, lines: ChosenLines): Promise<void> {
    const line = await this.lineOf(panel, lines);
    if (!line) return;
    const frame = stackFrameIn(line.fullText);
    if (frame) await runMuster('muster.openFrameSource', { name: '', ...frame });
    else void window.showInformationMessage(l10n.t('This line names no place in source code.'));
  }

  private hostOf(panel: LogsPanel, { stream }: LogDetails): string {
    return hostLabel(panel.session?.streams[stream]?.host ?? '');
  }

  private nameOf(panel: LogsPanel, line: LogDetails): string {
    return [this.hostOf(panel, line), ...(line.time === undefined ? [] : [momentText(line.time)])].join(' ');
  }
}

/** `40%` of a file, or an offset in bytes; undefined for what is neither. */
function offsetIn(typed: string, size: number): number | undefined {
  const [, number, percent] = /^(\d{1,15}(?:\.\d{1,6})?)\s*(%)?$/.exec(typed.trim()) ?? [];
  if (number === undefined) return undefined;
  return percent ? Math.floor((size * Math.min(100, Number(number))) / 100) : Math.floor(Number(number));
}
