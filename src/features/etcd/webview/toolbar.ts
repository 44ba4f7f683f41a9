import type { ChangeType, FromPanel, PanelFilter, PanelStatus, PanelWords } from '../protocol/watchPanel';
import { element } from '../../../shell/webview/element';
import { label } from '../../../shell/webview/label';
import { setText } from '../../../shell/webview/setText';
import { Sparkline } from './sparkline';

const types: ChangeType[] = ['put', 'delete', 'expired'];
/** Milliseconds after the last key until what was typed filters. */
const typingMs = 150;

/** What is above the rows: what they are filtered by, and what the panel can do. */
export class Toolbar {
  private readonly text = element('vscode-textfield', { type: 'search', class: 'filter' });
  private readonly regex = element('vscode-toolbar-button', { icon: 'regex', toggleable: '' });
  private readonly boxes = types.map((type) => ({
    type,
    box: element('vscode-checkbox', { 'data-type': type }),
  }));
  private readonly pauseButton = element('vscode-toolbar-button', { class: 'pause' });
  private readonly groupButton = element('vscode-toolbar-button', {
    ...{ icon: 'list-tree', toggleable: '', class: 'group' },
  });
  private readonly again = element('vscode-toolbar-button', { icon: 'debug-restart', class: 'again' });
  private readonly problem = element('span', { class: 'problem', role: 'alert' });
  private readonly rate = element('span', { class: 'rate' });
  private readonly sparkline = new Sparkline();
  readonly root: HTMLElement;
  private isPaused = false;
  private typing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly words: PanelWords,
    private readonly send: (message: FromPanel) => void,
  ) {
    const startFrom = element('vscode-toolbar-button', { icon: 'history', class: 'start' });
    const save = element('vscode-toolbar-button', { icon: 'export', class: 'export' });
    label(this.regex, words.regex);
    label(this.groupButton, words.group);
    label(this.again, words.startAgain);
    label(startFrom, words.startFrom);
    label(save, words.exportRows);
    this.text.placeholder = words.filter;
    this.text.label = words.filter;
    for (const { type, box } of this.boxes) box.label = words.types[type];
    this.root = element(
      'div',
      { class: 'toolbar', role: 'toolbar' },
      this.pauseButton,
      this.text,
      this.regex,
      ...this.boxes.map(({ box }) => box),
      this.problem,
      element('span', { class: 'spring' }),
      this.rate,
      this.sparkline.root,
      this.again,
      this.groupButton,
      startFrom,
      save,
    );
    this.pauseButton.addEventListener('click', () => this.togglePause());
    this.text.addEventListener('input', () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.filter(), typingMs);
    });
    this.regex.addEventListener('change', () => this.filter());
    for (const { box } of this.boxes) box.addEventListener('change', () => this.filter());
    this.groupButton.addEventListener('change', () =>
      send({ type: 'group', isGrouped: this.groupButton.checked }),
    );
    // What was typed a moment ago holds for what is chosen now.
    const afterTyping = (message: FromPanel) => () => {
      this.flush();
      send(message);
    };
    this.again.addEventListener('click', afterTyping({ type: 'startAgain' }));
    startFrom.addEventListener('click', afterTyping({ type: 'startFrom' }));
    save.addEventListener('click', afterTyping({ type: 'export' }));
    this.showPause();
  }

  show({ text, isRegex, types: shown }: PanelFilter, isGrouped: boolean, problem = ''): void {
    this.groupButton.checked = isGrouped;
    // Who is typing is ahead of the answer.
    if (this.typing === undefined) this.text.value = text;
    this.regex.checked = isRegex;
    for (const { type, box } of this.boxes) box.checked = shown.includes(type);
    setText(this.problem, problem);
    this.text.invalid = problem !== '';
  }

  update({ isPaused, rate, rateText, hasEnded }: PanelStatus): void {
    if (isPaused !== this.isPaused) {
      this.isPaused = isPaused;
      this.showPause();
    }
    this.again.hidden = !hasEnded;
    this.rate.textContent = rateText;
    this.sparkline.update(rate, rateText);
  }

  togglePause(): void {
    this.send({ type: 'pause', isPaused: !this.isPaused });
  }

  focusFilter(): void {
    this.text.focus();
    this.text.wrappedElement.select();
  }

  private showPause(): void {
    this.pauseButton.icon = this.isPaused ? 'debug-continue' : 'debug-pause';
    label(this.pauseButton, this.isPaused ? this.words.resume : this.words.pause);
  }

  private flush(): void {
    if (this.typing !== undefined) this.filter();
  }

  private filter(): void {
    clearTimeout(this.typing);
    this.typing = undefined;
    const shown = this.boxes.filter(({ box }) => box.checked).map(({ type }) => type);
    const filter = { text: this.text.value, isRegex: this.regex.checked, types: shown };
    this.send({ type: 'filter', filter });
  }
}
