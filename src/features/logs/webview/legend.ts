import type { LegendSource, LogView, LogWords, Tone } from '../protocol/logsPanel';
import { element, icon } from '../../../shell/webview/element';

const toneIcons: Record<Tone, string> = { info: 'pass', warning: 'sync', error: 'error' };
const ranks: Record<Tone, number> = { error: 0, warning: 1, info: 2 };

/** `web-2` is before `web-10`. */
const byNumber = new Intl.Collator('en', { numeric: true });

/** Pixels of a line; the style sheet has the same. */
const lineHeight = 22;
/** Lines beyond the edges that are drawn, too. */
const margin = 5;

type Kind = 'hiddenHosts' | 'hiddenSources';

interface Entry {
  kind: Kind;
  name: string;
  color: number;
  tone: Tone;
  state: string;
}

/** Hosts and sources, each to be shown, hidden, or shown alone; those that failed come first. */
export class Legend {
  private readonly filter = element('vscode-textfield', { type: 'search', class: 'filter-hosts' });
  private readonly space = element('div', { class: 'space', role: 'presentation' });
  private readonly list = element('div', { class: 'entries', role: 'list' }, this.space);
  private readonly all = element('button', { class: 'link' });
  readonly root = element('aside', { class: 'legend' }, this.filter, this.all, this.list);
  private entries: Entry[] = [];
  private lines: (Entry | { title: string; count: number })[] = [];
  /** The key of the entry that Tab reaches. */
  private current: string | undefined;
  private view: LogView | undefined;

  constructor(
    private readonly words: LogWords,
    private readonly change: (hidden: Partial<Pick<LogView, Kind>>) => void,
  ) {
    this.filter.placeholder = words.filterHosts;
    this.filter.label = words.filterHosts;
    this.all.textContent = words.showAll;
    this.root.setAttribute('aria-label', words.legend);
    this.filter.addEventListener('input', () => this.arrange());
    this.list.addEventListener('scroll', () => this.draw());
    this.list.addEventListener('focusin', () => {
      this.current = this.focused?.key.replace(/^only\n/, '') ?? this.current;
    });
    new ResizeObserver(() => this.draw()).observe(this.list);
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
    const order = (one: Entry, other: Entry) =>
      Number(other.tone === 'error') - Number(one.tone === 'error') || byNumber.compare(one.name, other.name);
    this.entries = [...[...hosts.values()].sort(order), ...(sources.size > 1 ? sources.values() : [])];
    this.arrange();
  }

  showView(view: LogView): void {
    this.view = view;
    this.arrange();
  }

  /** What there is to show, in the order of the screen. */
  private arrange(): void {
    const { view } = this;
    if (!view) return;
    this.all.hidden = view.hiddenHosts.length + view.hiddenSources.length === 0;
    this.filter.hidden = this.entries.length <= 10;
    const search = this.filter.hidden ? '' : this.filter.value.trim().toLowerCase();
    const found = this.entries.filter(({ name, state }) =>
      `${name}\n${state}`.toLowerCase().includes(search),
    );
    this.lines = [
      { kind: 'hiddenHosts', title: this.words.hosts },
      { kind: 'hiddenSources', title: this.words.sources },
    ].flatMap(({ kind, title }) => {
      const ofKind = found.filter((entry) => entry.kind === kind);
      return ofKind.length === 0 ? [] : [{ title, count: ofKind.length }, ...ofKind];
    });
    this.space.style.height = `${this.lines.length * lineHeight}px`;
    this.draw();
  }

  /** The lines that are in sight: there may be a thousand. */
  private draw(): void {
    const { view, lines } = this;
    if (!view) return;
    const hidden = { hiddenHosts: new Set(view.hiddenHosts), hiddenSources: new Set(view.hiddenSources) };
    const first = Math.max(0, Math.floor(this.list.scrollTop / lineHeight) - margin);
    const end = Math.min(lines.length, first + Math.ceil(this.list.clientHeight / lineHeight) + 2 * margin);
    const focused = this.focused?.key;
    // One of them is reached by Tab, the others by the arrow keys.
    const isHere = lines.some((line) => 'name' in line && keyOf(line) === this.current);
    if (!isHere) this.current = lines.flatMap((line) => ('name' in line ? [keyOf(line)] : []))[0];
    this.space.replaceChildren(
      ...lines.slice(first, end).map((line, index) => {
        const made =
          'name' in line
            ? this.entryElement(line, !hidden[line.kind].has(line.name))
            : element('h2', {}, line.title, ' ', element('span', { class: 'number' }, String(line.count)));
        made.style.top = `${(first + index) * lineHeight}px`;
        return made;
      }),
    );
    if (focused !== undefined) this.focus(focused);
  }

  private get focused(): { key: string } | undefined {
    const { activeElement } = document;
    const key = activeElement instanceof HTMLElement ? activeElement.dataset['key'] : undefined;
    return key !== undefined && this.list.contains(activeElement) ? { key } : undefined;
  }

  private focus(key: string): void {
    this.list.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  }

  private entryElement(entry: Entry, isShown: boolean): HTMLElement {
    const { kind, name, color, tone, state } = entry;
    const key = keyOf(entry);
    const tabindex = key === this.current ? '0' : '-1';
    const toggle = element('button', {
      class: 'toggle',
      role: 'checkbox',
      'aria-checked': String(isShown),
      tabindex,
    });
    toggle.dataset['key'] = key;
    toggle.title = [name, state].filter(Boolean).join('\n');
    toggle.setAttribute('aria-label', [name, state].filter(Boolean).join(', '));
    toggle.append(
      icon(isShown ? 'eye' : 'eye-closed'),
      element('span', { class: `swatch${color < 0 ? '' : ` color-${color}`}` }),
      element('span', { class: 'name' }, name),
      ...(tone === 'info' ? [] : [icon(toneIcons[tone])]),
    );
    const only = element('button', { class: 'only link', tabindex }, this.words.only);
    only.dataset['key'] = `only\n${key}`;
    only.setAttribute('aria-label', `${this.words.only}: ${name}`);
    const ofKind = this.entries.filter((other) => other.kind === kind);
    const place = {
      'aria-posinset': String(ofKind.indexOf(entry) + 1),
      'aria-setsize': String(ofKind.length),
    };
    const look = `entry ${tone}${isShown ? '' : ' off'}`;
    return element('div', { class: look, role: 'listitem', ...place }, toggle, only);
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
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[
      event.key
    ];
    if (step === undefined || !this.focused) return;
    event.preventDefault();
    const entries = this.lines.flatMap((line, at) => ('name' in line ? [{ key: keyOf(line), at }] : []));
    const now = entries.findIndex(({ key }) => key === this.current);
    const next = entries[Math.max(0, Math.min(entries.length - 1, now + step))];
    if (!next) return;
    this.current = next.key;
    const top = next.at * lineHeight;
    const { scrollTop, clientHeight } = this.list;
    if (top < scrollTop) this.list.scrollTop = top;
    else if (top + lineHeight > scrollTop + clientHeight)
      this.list.scrollTop = top + lineHeight - clientHeight;
    this.draw();
    this.focus(next.key);
  }
}

function keyOf({ kind, name }: Entry): string {
  return `${kind}\n${name}`;
}
