import { basename } from 'node:path';
import { env, l10n, Uri, type WebviewPanel, window } from 'vscode';
import { errorReport } from '../../../../platform/errors/errors';
import type { Logger } from '../../../../platform/host/host';
import type { Drawing } from '../../core/analysis/drawing';
import type { WrittenFormat } from '../../core/formats/profileFormats';
import { printable } from '../../../../platform/text/printable';
import type {
  FlameGraphRequests,
  FlameGraphWish,
  ShownFrame,
  ShownLabel,
  ToFlameGraph,
} from '../../protocol/flameGraph';
import { writeChosenFile } from '../../../../shell/editor/documents/writeChosenFile';
import { requests, serveRequests } from '../../../../shell/editor/panels/pageRequests';
import { flameGraphPage } from './flameGraphPage';
import type { OpenProfile, OpenProfiles } from '../openProfiles';
import { flameGraphRequests } from './profileRequests';

export interface FlameGraphPorts {
  extensionUri: Uri;
  logger: Logger;
  profiles: OpenProfiles;
}

/** What an exported file is, by how its name ends. */
const exportedAs: readonly (readonly [ending: RegExp, format: WrittenFormat])[] = [
  [/\.(folded|collapsed|txt)$/i, 'folded'],
  [/\.(pprof|pb|gz)$/i, 'pprof'],
];

/** A profile on screen, drawn by speedscope. */
export class FlameGraphEditor {
  private readonly closing = new AbortController();
  private wish: FlameGraphWish = {};
  private width = 2000;
  private drawn: Drawing | undefined;
  /** Why speedscope could not draw the order in time. */
  private refusal: string | undefined;
  /** What is shown once the graph is drawn. */
  private toReveal: ShownFrame | undefined;
  /** The page has said what it showed before, and is drawn on. */
  private isReady = false;
  /** Drawn once the page is ready, instead of what it showed before. */
  private firstWish: FlameGraphWish | undefined;

  private constructor(
    private readonly profile: OpenProfile,
    private readonly panel: WebviewPanel,
    private readonly ports: FlameGraphPorts,
  ) {}

  static async open(uri: Uri, panel: WebviewPanel, ports: FlameGraphPorts): Promise<FlameGraphEditor> {
    const profile = ports.profiles.open(uri);
    const editor = new FlameGraphEditor(profile, panel, ports);
    const { webview } = panel;
    const root = Uri.joinPath(ports.extensionUri, 'dist', 'webviews');
    webview.options = { enableScripts: true, localResourceRoots: [root] };
    const serving = serveRequests(webview, editor.requests(), {
      ...{ name: 'flame graph', logger: ports.logger, failed: (error: unknown) => editor.failed(error) },
    });
    const redraw = profile.onDidChange(() => {
      editor.refusal = undefined;
      void editor.trying(() => editor.draw());
    });
    panel.onDidDispose(() => {
      editor.closing.abort();
      serving.dispose();
      redraw.dispose();
      profile.dispose();
    });
    // The file is read while the page loads; whoever draws is told what is wrong with it.
    profile.ask('summary', undefined, editor.closing.signal).catch(() => {});
    webview.html = await flameGraphPage(webview, root, env.language);
    return editor;
  }

  /** Selects a function in the sandwich, of all samples or only of those with a label. */
  async reveal(frame: ShownFrame | undefined, label: ShownLabel | undefined): Promise<void> {
    this.panel.reveal();
    const { label: shown } = this.firstWish ?? this.wish;
    const isOther = shown?.key !== label?.key || shown?.value !== label?.value;
    if (this.drawn && !isOther) {
      if (frame) this.tell({ type: 'reveal', frame });
      return;
    }
    this.toReveal = frame;
    if (!isOther) return;
    const wish = label ? { label } : {};
    if (!this.isReady) this.firstWish = wish;
    else {
      this.wish = wish;
      await this.trying(() => this.draw());
    }
  }

  /** Does something with the frame that is selected. */
  withSelected(type: 'openSelected' | 'expandSelected'): void {
    this.tell({ type });
  }

  /** Draws the whole profile again. */
  drawWhole(): Promise<void> {
    this.wish = {};
    return this.trying(() => this.draw());
  }

  private requests() {
    const drawn = ({ wish, width }: FlameGraphRequests['draw']['args']) => {
      this.wish = this.firstWish ?? wish;
      this.firstWish = undefined;
      this.width = width;
      this.isReady = true;
      return this.draw();
    };
    return requests<FlameGraphRequests>(flameGraphRequests, {
      ready: drawn,
      draw: drawn,
      failed: ({ message }) => this.takeRefusal(message),
      export: ({ name, text }) => this.export(name, text),
      open: ({ frame, beside }) => this.openSource(frame, beside),
      nothingSelected: ({ wanted }) => {
        const text =
          wanted === 'frame'
            ? l10n.t('Select a frame first: click one, or search with Ctrl+F and press Enter.')
            : l10n.t('Select a frame first, whose callees are then drawn on their own.');
        void window.showInformationMessage(text);
      },
    });
  }

  /** What we have read is drawn without its order in time, where it is that which speedscope cannot draw. */
  private async takeRefusal(reason: string): Promise<void> {
    if (this.drawn?.isInTime && this.refusal === undefined) {
      this.refusal = reason;
      await this.draw();
    } else this.fail(l10n.t('speedscope cannot draw this profile: {0}', reason), reopenHint());
  }

  private async trying(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    if (this.closing.signal.aborted) return;
    const { message, hint, causes } = errorReport(error);
    this.ports.logger.error(`${this.profile.uri.path}: ${[message, ...causes].join('\n  ')}`);
    this.fail(message, hint);
  }

  private fail(message: string, hint: string | undefined): void {
    this.tell({ type: 'error', message: [message, hint].filter(Boolean).join(' — ') });
  }

  private async draw(): Promise<void> {
    const foldedName = l10n.t('… narrow frames');
    const { wish, width } = this;
    const { inTime = false, below, label } = wish;
    const isRefused = this.refusal !== undefined;
    const drawn = await this.profile.ask(
      'draw',
      { width, foldedName, inTime, isRefused, below, label },
      this.closing.signal,
    );
    this.drawn = drawn;
    const { note, actions } = this.noteOf(drawn);
    this.tell({
      ...{ type: 'profile', name: this.profile.name, wish, note, actions, foldedName },
      bytes: new Uint8Array(drawn.bytes),
      offersTime: drawn.hasTime && !drawn.isInTime,
      expandLabel: l10n.t('Draw What Is Folded Here'),
      closeLabel: l10n.t('Close'),
    });
    if (this.toReveal) this.tell({ type: 'reveal', frame: this.toReveal });
    this.toReveal = undefined;
  }

  private noteOf({ notes, isInTime, hasTime, hadTime, frames }: Drawing): {
    note: string;
    actions: { label: string; wish: FlameGraphWish }[];
  } {
    const said = [...notes];
    const actions: { label: string; wish: FlameGraphWish }[] = [];
    const { below, label } = this.wish;
    if (label)
      said.push(l10n.t('Only samples with {0} are drawn.', printable(`${label.key}: ${label.value}`, 200)));
    if (below) said.push(l10n.t('Only what {0} calls is drawn.', below.at(-1)!.name));
    if (below || label) actions.push({ label: l10n.t('Draw the Whole Profile'), wish: {} });
    if (!isInTime && hadTime)
      said.push(
        hasTime
          ? l10n.t('Identical stacks are merged.')
          : this.refusal !== undefined
            ? l10n.t(
                'Identical stacks are merged, since speedscope cannot draw this file in the order of time: {0}',
                printable(this.refusal, 200),
              )
            : l10n.t(
                'Identical stacks are merged, since the file is large. For the order in time capture a shorter time, or at a lower rate.',
              ),
      );
    if (!isInTime && hasTime) actions.push({ label: l10n.t('Draw in Time Order'), wish: { inTime: true } });
    if (frames.folded > 0)
      said.push(
        l10n.t(
          '{0} of {1} frames are too narrow to be seen and are folded: select one of “… narrow frames” to draw what is in it.',
          frames.folded.toLocaleString(env.language),
          (frames.folded + frames.drawn).toLocaleString(env.language),
        ),
      );
    return { note: said.join(' '), actions };
  }

  private async openSource(frame: ShownFrame, beside: boolean): Promise<void> {
    const { openFrameSource } = await import('../source/openFrameSource');
    const { name, file } = frame;
    const known =
      frame.line === undefined
        ? await this.profile.ask('frame', { name, file }, this.closing.signal)
        : undefined;
    await openFrameSource(known ?? frame, this.profile.uri, { beside });
  }

  /** What is drawn may be a part of the profile: all of it is written, by us unless it is drawn as it is. */
  private async export(name: string, text: string): Promise<void> {
    const uri = await window.showSaveDialog({
      title: l10n.t('Export Profile'),
      defaultUri: Uri.joinPath(this.profile.uri, '..', basename(name)),
      filters: {
        speedscope: ['speedscope.json', 'json'],
        [l10n.t('Folded stacks')]: ['folded', 'collapsed'],
        pprof: ['pb.gz', 'pprof'],
      },
    });
    if (!uri) return;
    const to = exportedAs.find(([ending]) => ending.test(uri.path))?.[1];
    const bytes =
      to === undefined && this.drawn?.isInTime
        ? new TextEncoder().encode(text)
        : await this.profile.ask('convert', { to: to ?? 'speedscope' }, this.closing.signal);
    await writeChosenFile(uri, bytes);
  }

  private tell(message: ToFlameGraph): void {
    void this.panel.webview.postMessage(message);
  }
}

const reopenHint = () =>
  l10n.t('Capture it again, or open it as text with “Reopen Editor With…” to see what is in it.');
