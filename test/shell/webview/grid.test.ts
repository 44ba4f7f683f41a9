import { describe, expect, it } from 'vitest';
import { AnchoredViewport } from '../../../src/shell/webview/grid/anchoredViewport';
import type { Column } from '../../../src/shell/webview/grid/gridRow';
import { ScrolledViewport } from '../../../src/shell/webview/grid/scrolledViewport';
import type { Viewport } from '../../../src/shell/webview/grid/viewport';
import { type GridOptions, VirtualGrid } from '../../../src/shell/webview/grid/virtualGrid';
import { resize } from './layout';
import { untilSettled } from './panelTalk';

interface Row {
  at: number;
  text: string;
}

type Asked = Parameters<GridOptions<Row>['post']>[0];

const columns: Column<Row>[] = [
  { name: 'text', title: 'Text', fill: (cell) => (row) => (cell.textContent = row.text) },
];

/** A grid of numbered rows of which ten are in sight, and an editor that answers it. */
class Opened {
  readonly sent: Asked[] = [];
  readonly keys: string[] = [];
  readonly grid: VirtualGrid<Row>;
  text = (at: number) => `row ${at}`;
  private status = { generation: 1, first: 0, end: 0 };

  constructor(
    readonly viewport: Viewport,
    isMultiselectable = false,
  ) {
    this.grid = new VirtualGrid<Row>({
      ...{ viewport, label: 'Rows', isMultiselectable, post: (message) => this.sent.push(message) },
      adapter: { id: ({ at }) => `row-${at}`, classes: () => 'plain', columns: () => columns },
      key: (row, { key }) => this.keys.push(`${key} ${row.text}`),
    });
    document.body.replaceChildren(this.grid.root);
  }

  async tick(change: Partial<typeof this.status>): Promise<void> {
    this.status = { ...this.status, ...change };
    this.grid.take({ type: 'tick', status: this.status, newest: [] });
    await this.settle();
  }

  async settle(): Promise<void> {
    await untilSettled(() => {
      const asked = this.sent.flatMap((message) => (message.type === 'rows' ? [message] : []));
      this.sent.splice(0, this.sent.length, ...this.sent.filter(({ type }) => type !== 'rows'));
      for (const { generation, from, to } of asked)
        this.grid.take({
          ...{ type: 'rows', generation },
          rows: Array.from({ length: to - from }, (_, index) => {
            const at = from + index;
            return { at, text: this.text(at) };
          }),
        });
      return asked.length > 0;
    });
  }

  async press(key: string, modifiers: KeyboardEventInit = {}): Promise<KeyboardEvent> {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...modifiers });
    this.grid.view.dispatchEvent(event);
    await this.settle();
    return event;
  }

  get rows(): HTMLElement[] {
    return [...this.grid.view.querySelectorAll<HTMLElement>('.row')];
  }

  get texts(): string[] {
    return this.rows.map(({ textContent }) => textContent);
  }

  /** The texts of the rows on the screen, from the top. */
  get inSight(): string[] {
    const { scrollTop, clientHeight } = this.grid.view;
    return this.rows
      .filter(({ style }) => {
        const [, top] = /translateY\((.+)px\)/.exec(style.transform) ?? [];
        return top === undefined || (Number(top) > scrollTop - 24 && Number(top) < scrollTop + clientHeight);
      })
      .map(({ textContent }) => textContent);
  }

  get chosen(): string[] {
    return this.rows
      .filter((row) => row.getAttribute('aria-selected') === 'true')
      .map(({ textContent }) => textContent);
  }

  /** The row that screen readers are told has the focus. */
  get active(): string | undefined {
    const id = this.grid.view.getAttribute('aria-activedescendant');
    return id === null ? undefined : document.getElementById(id)!.textContent;
  }
}

const kinds = {
  'that the browser scrolls, the newest at the top': () => new ScrolledViewport('top', 24),
  'that the browser scrolls, the newest at the bottom': () => new ScrolledViewport('bottom', 24),
  'that is anchored at a row': () => new AnchoredViewport(20),
};
const each = Object.entries(kinds).map(([name, make]) => ({ name, make }));

/** Pixels: an element that is taller is drawn by no browser. */
const tallestOfFirefox = 17_895_697;

describe.each(each)('A grid $name', ({ make }) => {
  const opened = async (end: number, first = 0, isMultiselectable = false) => {
    const one = new Opened(make(), isMultiselectable);
    await one.tick({ first, end });
    return one;
  };
  const isNewestFirst = make().places.newest === 'top';
  const topDown = (at: number, count: number) => (isNewestFirst ? count - 1 - at : at);

  it.each([1_000_000, 20_000_000])(
    'of %s rows has few elements, none too tall for a browser',
    async (count) => {
      const one = await opened(count);
      for (const key of ['Home', 'PageDown', 'End', 'PageUp', 'ArrowUp', 'Home', 'End']) {
        await one.press(key);
        expect(one.inSight.length).toBeGreaterThanOrEqual(10);
        expect(document.querySelectorAll('*').length).toBeLessThan(100);
      }
      const heights = [...document.querySelectorAll<HTMLElement>('[style*=height]')].map(({ style }) =>
        Number.parseFloat(style.height),
      );
      expect(Math.max(...heights)).toBeLessThan(tallestOfFirefox);
      const places = [...document.querySelectorAll<HTMLElement>('[style*=translateY]')].map(({ style }) =>
        Number(/translateY\((.+)px\)/.exec(style.transform)![1]),
      );
      expect(Math.max(...places.map(Math.abs))).toBeLessThan(tallestOfFirefox);
    },
  );

  it.each([1000, 1_000_000, 20_000_000])('of %s rows shows the row that a key goes to', async (count) => {
    const one = await opened(count);
    for (const [key, index] of [
      ['Home', 0],
      ['ArrowUp', 0],
      ['ArrowDown', 1],
      ['PageDown', 11],
      ['End', count - 1],
      ['ArrowDown', count - 1],
      ['ArrowUp', count - 2],
      ['PageUp', count - 12],
      ['Home', 0],
    ] as const) {
      const event = await one.press(key);
      expect(event.defaultPrevented).toBe(true);
      const text = `row ${topDown(index, count)}`;
      expect(one.chosen, key).toEqual([text]);
      expect(one.active).toBe(text);
      expect(one.inSight).toContain(text);
    }
  });

  it('tells screen readers how many rows it has, and the place of each', async () => {
    const one = await opened(5000, 1000);
    const { view } = one.grid;
    expect(view.getAttribute('role')).toBe('grid');
    expect(view.getAttribute('aria-label')).toBe('Rows');
    expect(view.getAttribute('aria-describedby')).toBe('keyboard');
    expect(view.tabIndex).toBe(0);
    expect(view.getAttribute('aria-rowcount')).toBe('4000');
    await one.press('Home');
    await one.press('ArrowDown');
    const rows = one.rows.slice(0, 3);
    expect(rows.map((row) => row.getAttribute('role'))).toEqual(['row', 'row', 'row']);
    expect(rows.map((row) => row.getAttribute('aria-rowindex'))).toEqual(['1', '2', '3']);
    expect(rows.map((row) => row.getAttribute('aria-selected'))).toEqual(['false', 'true', 'false']);
    expect(rows[0]!.firstElementChild!.getAttribute('role')).toBe('gridcell');
    await one.tick({ first: 0, end: 0, generation: 2 });
    expect(view.getAttribute('aria-rowcount')).toBe('0');
    expect(one.active).toBeUndefined();
  });

  it('has its elements in the order in which they are seen, wherever one came from', async () => {
    const one = await opened(1000);
    for (const key of ['Home', 'PageDown', 'PageDown', 'PageUp', 'End', 'PageUp', 'Home']) {
      await one.press(key);
      const indexes = one.rows.map((row) => Number(row.getAttribute('aria-rowindex')));
      expect(indexes).toEqual(indexes.toSorted((a, b) => a - b));
    }
  });

  it('keeps what is read where it is while rows come in and old ones are evicted', async () => {
    const one = await opened(1000);
    one.grid.take({ type: 'goTo', generation: 1, at: 500 });
    await one.settle();
    const read = one.inSight;
    expect(read).toContain('row 500');
    expect(one.grid.isFollowing).toBe(false);
    for (const change of [{ end: 1100 }, { first: 200, end: 1200 }, { first: 450 }]) {
      await one.tick(change);
      expect(one.inSight).toEqual(read);
      expect(one.chosen).toEqual(['row 500']);
      expect(one.active).toBe('row 500');
    }
    await one.tick({ first: 700, end: 1700 });
    expect(one.inSight).not.toEqual(read);
    expect(one.inSight.every((text) => Number(text.slice(4)) >= 700)).toBe(true);
    expect(one.chosen).toEqual([]);
    await one.press('c');
    expect(one.keys).toEqual([]);
  });

  it('keeps what is read where older rows are found above or below it', async () => {
    const one = await opened(1000);
    one.grid.take({ type: 'goTo', generation: 1, at: 500 });
    await one.settle();
    const read = one.inSight;
    await one.tick({ first: -3000 });
    expect(one.inSight).toEqual(read);
    expect(one.grid.view.getAttribute('aria-rowcount')).toBe('4000');
    await one.press(isNewestFirst ? 'End' : 'Home');
    expect(one.chosen).toEqual(['row -3000']);
  });

  it('stays with the newest row for whoever looks at it, until one goes elsewhere', async () => {
    const one = await opened(1000);
    await one.press(isNewestFirst ? 'Home' : 'End');
    await one.tick({ first: 500, end: 1500 });
    expect(one.grid.isFollowing).toBe(true);
    expect(one.inSight).toContain('row 1499');
    await one.press(isNewestFirst ? 'End' : 'Home');
    await one.tick({ end: 1600 });
    expect(one.grid.isFollowing).toBe(false);
    expect(one.inSight).not.toContain('row 1599');
    one.grid.follow();
    await one.settle();
    expect(one.inSight).toContain('row 1599');
  });

  it('chooses one row, or several where that is allowed', async () => {
    for (const isMultiselectable of [false, true]) {
      const one = await opened(1000, 0, isMultiselectable);
      await one.press('Home');
      await one.press('ArrowDown', { shiftKey: true });
      await one.press('ArrowDown', { shiftKey: true });
      expect(one.chosen).toHaveLength(isMultiselectable ? 3 : 1);
      const all = await one.press('a', { ctrlKey: true });
      expect(all.defaultPrevented).toBe(isMultiselectable);
      const { from, to } = one.grid.selection;
      expect(to - from).toBe(isMultiselectable ? 1000 : 1);
    }
  });

  it('chooses the row that is pressed, and that a screen reader clicks without pressing', async () => {
    const one = await opened(1000);
    const [, second, third] = one.rows;
    second!.firstElementChild!.dispatchEvent(new MouseEvent('mousedown', { bubbles: true }));
    expect(one.chosen).toEqual([second!.textContent]);
    expect(document.activeElement).toBe(one.grid.view);
    third!.click();
    expect(one.chosen).toEqual([third!.textContent]);
    third!.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, button: 1 }));
    expect(one.chosen).toEqual([third!.textContent]);
  });

  it('hands on other keys with the row that is chosen, but none with Ctrl, Alt or Cmd', async () => {
    const one = await opened(10);
    await one.press('c');
    await one.press('Home');
    await one.press('c');
    for (const key of ['ctrlKey', 'altKey', 'metaKey']) await one.press('c', { [key]: true });
    expect(one.keys).toEqual([`c row ${topDown(0, 10)}`]);
  });

  it('leaves the element of a row as it is that is told again as it was', async () => {
    const one = await opened(5);
    const [row] = one.rows;
    const node = row!.firstElementChild!.firstChild;
    const newest = Array.from({ length: 5 }, (_, at) => ({ at, text: `row ${at}` }));
    one.grid.take({ type: 'tick', status: { generation: 1, first: 0, end: 5 }, newest });
    await one.settle();
    expect(one.rows[0]).toBe(row);
    expect(row!.firstElementChild!.firstChild).toBe(node);
    one.text = (at) => `other ${at}`;
    one.grid.take({ type: 'stale' });
    await one.settle();
    expect(one.texts).toEqual(Array.from({ length: 5 }, (_, index) => `other ${topDown(index, 5)}`));
  });

  it('takes no rows and goes nowhere of another generation', async () => {
    const one = await opened(5);
    one.grid.take({ type: 'rows', generation: 7, rows: [{ at: 0, text: 'of another view' }] });
    one.grid.take({ type: 'goTo', generation: 7, at: 0 });
    await one.settle();
    expect(one.texts).not.toContain('of another view');
    expect(one.chosen).toEqual([]);
  });
});

describe('A grid of more rows than an element can be tall', () => {
  const count = 20_000_000;

  it('is scrolled over all of them', async () => {
    const one = new Opened(new ScrolledViewport('bottom', 24));
    await one.tick({ end: count });
    const { view } = one.grid;
    const reach = 16_000_000 - view.clientHeight;
    for (const [share, at] of [
      [0, 0],
      [0.5, count / 2 - 5],
      [1, count - 10],
    ] as const) {
      view.scrollTop = share * reach;
      await one.settle();
      expect(one.inSight[0]).toBe(`row ${at}`);
    }
  });

  it('has other rows on the screen after it was made taller', async () => {
    const one = new Opened(new ScrolledViewport('top', 24));
    await one.tick({ end: count });
    resize('.grid[role=grid]', { width: 800, height: 480 });
    await one.settle();
    expect(one.inSight).toHaveLength(20);
  });
});
