import {
  type FromLogs,
  type LogLevel,
  logLevels,
  type LogLook,
  type LogStatus,
  type LogView,
  type LogWords,
  type PanelAction,
  timeModes,
  type ViewBox,
} from '../protocol/logsPanel';
import { element } from '../../../shell/webview/element';
import { label } from '../../../shell/webview/label';
import { setText } from '../../../shell/webview/setText';
import { fill } from './histogram';
import { PatternBox } from './patternBox';

/** What the panel can do beside filtering. */
const actions: { action: PanelAction; icon: string }[] = [
  { action: 'again', icon: 'debug-restart' },
  { action: 'clearView', icon: 'clear-all' },
  { action: 'since', icon: 'history' },
  { action: 'goTo', icon: 'target' },
  { action: 'bookmarks', icon: 'bookmark' },
  { action: 'openInEditor', icon: 'go-to-file' },
  { action: 'save', icon: 'save' },
];
const looks = [
  { key: 'wraps', icon: 'word-wrap', word: 'wrap' },
  { key: 'isRaw', icon: 'json', word: 'raw' },
  { key: 'hasLegend', icon: 'list-selection', word: 'legend' },
  { key: 'hasHistogram', icon: 'graph', word: 'histogram' },
] as const;

export interface ToolbarEvents {
  change: (view: Partial<LogView>) => void;
  find: (direction: 1 | -1) => void;
  send: (message: FromLogs) => void;
}

/** What is above the rows: what they are filtered by, and what the panel can do. */
export class Toolbar {
  private readonly pauseButton = element('vscode-toolbar-button', { class: 'pause' });
  private readonly boxes: Record<ViewBox, PatternBox>;
  private readonly level = element('select', { class: 'level' });
  private readonly time = element('select', { class: 'time' });
  private readonly looks = looks.map(({ key, icon }) => ({
    key,
    button: element('vscode-toolbar-button', { icon, toggleable: '', class: key }),
  }));
  private readonly actions = actions.map(({ action, icon }) => ({
    action,
    button: element('vscode-toolbar-button', { icon, class: action }),
  }));
  private readonly matches = element('span', { class: 'matches', role: 'status' });
  private readonly rate = element('span', { class: 'rate' });
  readonly root: HTMLElement;
  private isPaused = false;
  private look: LogLook | undefined;

  constructor(
    private readonly words: LogWords,
    private readonly events: ToolbarEvents,
  ) {
    const { change, send } = events;
    const box = (name: ViewBox, regex?: string) =>
      new PatternBox(name, words[name], regex, (pattern) =>
        change(name === 'fields' ? { fields: pattern.text } : { [name]: pattern }),
      );
    this.boxes = {
      include: box('include', words.regex),
      exclude: box('exclude', words.regex),
      fields: box('fields'),
      highlight: box('highlight', words.regex),
    };
    this.boxes.highlight.root.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      this.boxes.highlight.flush();
      events.find(event.shiftKey ? -1 : 1);
    });
    const levels = [...logLevels].reverse();
    fillSelect(this.level, words.level, [
      ['', words.anyLevel],
      ...levels.map((level): [string, string] => [level, fill(words.atLeast, words.levels[level])]),
    ]);
    fillSelect(
      this.time,
      words.time,
      timeModes.map((mode) => [mode, words.times[mode]]),
    );
    this.level.addEventListener('change', () =>
      change({ level: (this.level.value || undefined) as LogLevel | undefined }),
    );
    this.time.addEventListener('change', () => this.changeLook({ time: this.time.value as LogLook['time'] }));
    looks.forEach(({ word }, index) => label(this.looks[index]!.button, words[word]));
    for (const { key, button } of this.looks)
      button.addEventListener('change', () => this.changeLook({ [key]: button.checked }));
    for (const { action, button } of this.actions) {
      label(button, words[action]);
      button.addEventListener('click', () => {
        // What was typed a moment ago holds for what is chosen now.
        for (const typed of Object.values(this.boxes)) typed.flush();
        send({ type: 'panel', action });
      });
    }
    this.pauseButton.addEventListener('click', () => this.togglePause());
    const find = ([name, icon, direction]: ['previous' | 'next', string, 1 | -1]) => {
      const button = element('vscode-toolbar-button', { icon, class: name });
      label(button, words[name]);
      button.addEventListener('click', () => {
        this.boxes.highlight.flush();
        events.find(direction);
      });
      return button;
    };
    this.root = element(
      'div',
      { class: 'toolbar', role: 'toolbar' },
      ...[
        this.pauseButton,
        this.boxes.include.root,
        this.boxes.exclude.root,
        this.boxes.fields.root,
        this.level,
      ],
      ...[this.boxes.highlight.root, find(['previous', 'arrow-up', -1]), find(['next', 'arrow-down', 1])],
      ...[this.matches, element('span', { class: 'spring' }), this.rate, this.time],
      ...this.looks.map(({ button }) => button),
      element('span', { class: 'divider', role: 'separator' }),
      ...this.actions.map(({ button }) => button),
    );
    this.showPause();
  }

  showView(view: LogView, problems: Partial<Record<ViewBox, string>>): void {
    this.boxes.include.show(view.include, problems.include);
    this.boxes.exclude.show(view.exclude, problems.exclude);
    this.boxes.fields.show({ text: view.fields, isRegex: false }, problems.fields);
    this.boxes.highlight.show(view.highlight, problems.highlight);
    this.level.value = view.level ?? '';
  }

  showLook(look: LogLook): void {
    this.look = look;
    for (const { key, button } of this.looks) button.checked = look[key];
    this.time.value = look.time;
  }

  update({ isPaused, rate, matches, hasEnded }: LogStatus): void {
    if (isPaused !== this.isPaused) {
      this.isPaused = isPaused;
      this.showPause();
    }
    for (const { action, button } of this.actions) if (action === 'again') button.hidden = !hasEnded;
    this.rate.textContent = rate;
    setText(this.matches, matches);
  }

  togglePause(): void {
    this.events.send({ type: 'pause', isPaused: !this.isPaused });
  }

  toggleWrap(): void {
    this.changeLook({ wraps: !this.look?.wraps });
  }

  toggleRaw(): void {
    this.changeLook({ isRaw: !this.look?.isRaw });
  }

  focus(box: ViewBox): void {
    this.boxes[box].focus();
  }

  private changeLook(change: Partial<LogLook>): void {
    if (!this.look) return;
    // The next change may come before the answer to this one.
    this.look = { ...this.look, ...change };
    this.events.send({ type: 'look', look: this.look });
  }

  private showPause(): void {
    this.pauseButton.icon = this.isPaused ? 'debug-continue' : 'debug-pause';
    label(this.pauseButton, this.isPaused ? this.words.resume : this.words.pause);
  }
}

function fillSelect(
  select: HTMLSelectElement,
  title: string,
  options: readonly (readonly [string, string])[],
) {
  select.title = title;
  select.setAttribute('aria-label', title);
  select.append(...options.map(([value, text]) => element('option', { value }, text)));
}
