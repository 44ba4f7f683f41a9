import type { LegendSource, LogView, LogWords, Tone } from '../../protocol/logsPanel';
import { element, icon } from '../shared/element';

const toneIcons: Record<Tone, string> = { info: 'pass', warning: 'sync', error: 'error' };
const ranks: Record<Tone, number> = { error: 0, warning: 1, info: 2 };

type Kind = 'hiddenHosts' | 'hiddenSources';

interface Entry {
  kind: Kind;
  name: string;
  color: number;
  tone: Tone;
  state: string;
}

/** Hosts and sources, each to be shown, hidden, or shown alone. */
export class Legend {
  private readonly filter = element('vscode-textfield', { type: 'search', class: 'filter-hosts' });
  private readonly list = element('div', { class: 'entries' });
  private readonly all = element('button', { class: 'link' });
  readonly root = element('aside', { class: 'legend' }, this.filter, this.all, this.list);
  private entries: Entry[] = [];
  private view: LogView | undefined;

  constructor(
    private readonly words: LogWords,
    private readonly change: (hidden: Partial<Pick<LogView, Kind>>) => void,
  ) {
    this.filter.placeholder = words.filterHosts;
    this.filter.label = words.filterHosts;
    this.all.textContent = words.showAll;
    this.root.setAttribute('aria-label', words.legend);
    this.filter.addEventListener('input', () => this.draw());
    this.all.addEventListener('click', () => this.change({ hiddenHosts: [], hiddenSources: [] }));
    this.list.addEventListener('click', (event) => this.clicked(event));
    this.list.addEventListener('keydown', (event) => this.keyDown(event));
  }

  show(legend: readonly LegendSource[]): void {
    const hosts = new Map<string, Entry>();
    const sources = new Map<string, Entry>();
    for (const { host, source, color, tone, state } of legend) {
      const known = hosts.get(host);
      const text = state === '' ? '' : `${source}: ${state}`;
      if (!known) hosts.set(host, { kind: 'hiddenHosts', name: host, color, tone, state: text });
      else {
        if (ranks[tone] < ranks[known.tone]) known.tone = tone;
        known.state = [known.state, text].filter(Boolean).join('\n');
      }
      sources.set(source, { kind: 'hiddenSources', name: source, color: -1, tone: 'info', state: '' });
    }
    this.entries = [...hosts.values(), ...(sources.size > 1 ? sources.values() : [])];
    this.draw();
  }

  showView(view: LogView): void {
    this.view = view;
    this.draw();
  }

  private draw(): void {
    const { view } = this;
    if (!view) return;
    this.all.hidden = view.hiddenHosts.length + view.hiddenSources.length === 0;
    this.filter.hidden = this.entries.length <= 10;
    const search = this.filter.hidden ? '' : this.filter.value.trim().toLowerCase();
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['key'] : undefined;
    const made = (kind: Kind, title: string) => {
      const shown = this.entries.filter(
        (entry) => entry.kind === kind && entry.name.toLowerCase().includes(search),
      );
      if (shown.length === 0) return [];
      const head = element('h2', {}, title, ' ', element('span', { class: 'number' }, String(shown.length)));
      return [head, ...shown.map((entry) => this.entryElement(entry, !view[kind].includes(entry.name)))];
    };
    this.list.replaceChildren(
      ...made('hiddenHosts', this.words.hosts),
      ...made('hiddenSources', this.words.sources),
    );
    if (focused !== undefined)
      this.list.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  private entryElement({ kind, name, color, tone, state }: Entry, isShown: boolean): HTMLElement {
    const toggle = element('button', { class: 'toggle', role: 'checkbox', 'aria-checked': String(isShown) });
    toggle.dataset['key'] = `${kind}\n${name}`;
    toggle.title = [name, state].filter(Boolean).join('\n');
    toggle.setAttribute('aria-label', [name, state].filter(Boolean).join(', '));
    toggle.append(
      icon(isShown ? 'eye' : 'eye-closed'),
      element('span', { class: `swatch${color < 0 ? '' : ` color-${color}`}` }),
      element('span', { class: 'name' }, name),
      ...(tone === 'info' ? [] : [icon(toneIcons[tone])]),
    );
    const only = element('button', { class: 'only link' }, this.words.only);
    only.dataset['key'] = `only\n${kind}\n${name}`;
    only.setAttribute('aria-label', `${this.words.only}: ${name}`);
    return element('div', { class: `entry ${tone}${isShown ? '' : ' off'}` }, toggle, only);
  }

  private clicked(event: MouseEvent): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-key]') : null;
    const key = button?.dataset['key']?.split('\n');
    if (!key || !this.view) return;
    const isOnly = key[0] === 'only';
    const [kind, name] = (isOnly ? key.slice(1) : key) as [Kind, string];
    const hidden = this.view[kind];
    if (isOnly) {
      const others = this.entries.filter((entry) => entry.kind === kind && entry.name !== name);
      this.change({ [kind]: others.map((entry) => entry.name) });
    } else if (hidden.includes(name)) this.change({ [kind]: hidden.filter((other) => other !== name) });
    else this.change({ [kind]: [...hidden, name] });
  }

  private keyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const toggles = [...this.list.querySelectorAll<HTMLElement>('.toggle')];
    const at = toggles.indexOf(document.activeElement as HTMLElement);
    toggles[Math.max(0, Math.min(toggles.length - 1, at + step))]?.focus();
    event.preventDefault();
  }
}
