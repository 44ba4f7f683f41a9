import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RowModel } from '../../../../src/features/etcd/protocol/watchPanel';
import { click, control, spokenButtons, typeInto } from '../../../shell/webview/controls';
import { resize } from '../../../shell/webview/layout';
import { changeRow, OpenWatch, watchState, words } from './openWatch';

/** From the newest to the oldest. */
const keys = (newest: number, oldest: number) =>
  Array.from({ length: newest - oldest + 1 }, (_, index) => `/key/${newest - index}`);
const text = (selector: string) => document.querySelector(selector)!.textContent;

/** Ten rows are in sight, the newest first. */
async function openedWith(end: number, first = 0): Promise<OpenWatch> {
  const watch = new OpenWatch();
  await watch.tick({ first, end });
  return watch;
}

describe('The grid of a watch', () => {
  it('has only the rows in sight and near it as elements, the newest of 100,000 first', async () => {
    const watch = await openedWith(100_000);
    expect(watch.keysInSight).toEqual(keys(99_999, 99_990));
    expect(watch.rows).toHaveLength(19);
    expect(watch.find('.space').style.height).toBe(`${100_000 * 24}px`);
    await watch.scrollTo(24 * 50_000);
    expect(watch.keysInSight).toEqual(keys(49_999, 49_990));
    expect(watch.rows).toHaveLength(27);
    await watch.scrollTo(24 * 200_000);
    expect(watch.keysInSight).toEqual(keys(9, 0));
  });

  it('asks for as many rows as its size has room for', async () => {
    const watch = await openedWith(100_000);
    expect(watch.take('drawn')).toEqual([
      { type: 'drawn', newest: 10 },
      { type: 'drawn', newest: 12 },
    ]);
    resize('.grid[role=grid]', { width: 800, height: 480 });
    await watch.settle();
    expect(watch.keysInSight).toEqual(keys(99_999, 99_980));
  });

  it('tells screen readers what it is, how many rows it has and which are drawn', async () => {
    const { grid, rows } = await openedWith(100_000, 60_000);
    expect(grid.tabIndex).toBe(0);
    expect(grid.getAttribute('aria-label')).toBe(words.rows);
    expect(grid.getAttribute('aria-rowcount')).toBe('40000');
    expect(document.getElementById(grid.getAttribute('aria-describedby')!)!.textContent).toBe(words.keyboard);
    expect(rows[0]!.getAttribute('role')).toBe('row');
    expect(rows[0]!.getAttribute('aria-rowindex')).toBe('1');
    expect([...rows[0]!.querySelectorAll('[role=gridcell]')].map((cell) => cell.className)).toEqual(
      ['time', 'revision', 'type', 'key', 'size', 'values'].map((name) => `cell ${name}`),
    );
  });

  it('asks for rows that are missing, once', async () => {
    const watch = await openedWith(100_000);
    watch.answers = false;
    await watch.scrollTo(24 * 50_000);
    await watch.scrollTo(24 * 50_000 + 3);
    expect(watch.take('rows')).toEqual([{ type: 'rows', generation: 1, from: 49_981, to: 50_008 }]);
    expect(watch.rows).toEqual([]);
  });

  it('shows what changed, before and after, in one row', async () => {
    const watch = new OpenWatch();
    const parts = [
      { kind: 'same', text: 'size ' },
      { kind: 'removed', text: '1' },
      { kind: 'added', text: '2' },
    ] as const;
    watch.row = (at) => changeRow(at, { parts: [...parts], count: '×3', note: 'same value' });
    await watch.tick({ end: 1 });
    const [row] = watch.rows;
    expect(
      [...row!.querySelector('.values')!.children].map((part) => `${part.localName} ${part.textContent}`),
    ).toEqual(['span size ', 'del 1', 'ins 2', 'span same value']);
    expect(row!.querySelector<HTMLElement>('.values')!.title).toBe('size 12');
    expect(row!.querySelector('vscode-badge')!.textContent).toBe('×3');
  });

  it('has what happened to the watch over its whole width', async () => {
    const watch = new OpenWatch();
    watch.row = (at) => ({
      ...{ at, seq: at, time: '12:00', kind: 'control', tone: 'error', icon: 'warning', text: 'Unknown <b>' },
    });
    await watch.tick({ end: 1 });
    const [row] = watch.rows;
    expect(row!.className).toBe('row control error');
    expect(row!.querySelector('.text')!.getAttribute('aria-colspan')).toBe('5');
    expect(row!.querySelector('.text')!.textContent).toBe('Unknown <b>');
    await watch.press('Home');
    for (const key of ['Enter', 'd', 'f', 'k', 'c']) await watch.press(key);
    expect(watch.take('row')).toEqual([]);
    expect(watch.take('onlyKey')).toEqual([]);
  });

  it.each(['<img src=x onerror="alert(1)">', '</div><script>alert(1)</script>'])(
    'keeps %s text',
    async (hostile) => {
      const watch = new OpenWatch();
      watch.row = (at) =>
        changeRow(at, {
          key: hostile,
          parts: [{ kind: 'added', text: hostile }],
          note: hostile,
          typeText: hostile,
        });
      await watch.tick({ end: 1, state: hostile, empty: hostile });
      expect(document.querySelector('img, script')).toBeNull();
      for (const cell of [
        '.row .key .name',
        '.values ins',
        '.values .note',
        '.row .type span:last-child',
        '.state',
      ])
        expect(text(`.list ${cell}, .status ${cell}`.replace('.list .row', '.grid .row'))).toBe(hostile);
    },
  );
});

describe('The keyboard in the grid of a watch', () => {
  it('chooses the newest row when it gets the focus', async () => {
    const watch = await openedWith(1000);
    watch.grid.focus();
    expect(watch.selected).toEqual(['/key/999']);
    expect(watch.grid.getAttribute('aria-activedescendant')).toBe('row-5999');
  });

  it.each([
    ['ArrowDown', '/key/499'],
    ['ArrowUp', '/key/501'],
    ['PageDown', '/key/490'],
    ['PageUp', '/key/510'],
    ['Home', '/key/999'],
    ['End', '/key/0'],
  ])('%s goes from /key/500 to %s, which is in sight', async (key, chosen) => {
    const watch = await openedWith(1000);
    await watch.scrollTo(24 * 495);
    watch.rows.find((row) => row.textContent.includes('/key/500'))!.click();
    const event = await watch.press(key);
    expect(event.defaultPrevented).toBe(true);
    expect(watch.selected).toEqual([chosen]);
    expect(watch.keysInSight).toContain(chosen);
    const active = document.getElementById(watch.grid.getAttribute('aria-activedescendant')!)!;
    expect(active.querySelector('.name')!.textContent).toBe(chosen);
  });

  it('stops at both ends', async () => {
    const watch = await openedWith(3);
    await watch.press('Home');
    await watch.press('ArrowUp');
    expect(watch.selected).toEqual(['/key/2']);
    await watch.press('End');
    await watch.press('PageDown');
    expect(watch.selected).toEqual(['/key/0']);
  });

  it('does with the chosen row what the keys say', async () => {
    const watch = await openedWith(10);
    await watch.press('Home');
    for (const [key, action] of [
      ['Enter', 'open'],
      ['d', 'compare'],
      ['K', 'copyKey'],
      ['c', 'copyRow'],
    ] as const) {
      expect((await watch.press(key)).defaultPrevented).toBe(true);
      expect(watch.take('row')).toEqual([{ type: 'row', seq: 5009, action }]);
    }
    await watch.press('f');
    expect(watch.take('onlyKey')).toEqual([{ type: 'onlyKey', seq: 5009 }]);
    await watch.press('c', { ctrlKey: true });
    expect(watch.take('row')).toEqual([]);
  });

  it('does not compare what has no values', async () => {
    const watch = new OpenWatch();
    watch.row = (at) => changeRow(at, { isComparable: false });
    await watch.tick({ end: 1 });
    expect(
      [...watch.rows[0]!.querySelectorAll<HTMLElement>('.action')].map((button) => button.title),
    ).toEqual([
      `${words.open} (Enter)`,
      `${words.onlyKey} (F)`,
      `${words.copyKey} (K)`,
      `${words.copyRow} (C)`,
    ]);
    await watch.press('Home');
    await watch.press('d');
    expect(watch.take('row')).toEqual([]);
  });

  it('opens a row that is double clicked, and does what its buttons say', async () => {
    const watch = await openedWith(10);
    const [, row] = watch.rows;
    row!.querySelector<HTMLElement>('[data-action=compare]')!.click();
    expect(watch.take('row')).toEqual([{ type: 'row', seq: 5008, action: 'compare' }]);
    expect(watch.selected).toEqual(['/key/8']);
    row!.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    expect(watch.take('row')).toEqual([{ type: 'row', seq: 5008, action: 'open' }]);
  });
});

describe('Rows that come into the grid of a watch', () => {
  it('are at once in sight of who looks at the newest', async () => {
    const watch = await openedWith(1000);
    await watch.tick({ end: 1003 });
    expect(watch.keysInSight).toEqual(keys(1002, 993));
  });

  it('do not move what is read further below', async () => {
    const watch = await openedWith(1000);
    await watch.scrollTo(24 * 500);
    const read = watch.keysInSight;
    await watch.tick({ end: 1123 });
    expect(watch.keysInSight).toEqual(read);
    expect(watch.grid.scrollTop).toBe(24 * 623);
  });

  it('leave chosen what was chosen, though it is elsewhere now', async () => {
    const watch = await openedWith(1000);
    await watch.press('Home');
    await watch.tick({ end: 1003 });
    expect(watch.selected).toEqual(['/key/999']);
    const active = document.getElementById(watch.grid.getAttribute('aria-activedescendant')!)!;
    expect(active.getAttribute('aria-rowindex')).toBe('4');
    expect(active.style.transform).toBe(`translateY(${3 * 24}px)`);
    await watch.press('k');
    expect(watch.take('row')).toEqual([{ type: 'row', seq: 5999, action: 'copyKey' }]);
  });

  it('leave no active descendant that is not drawn', async () => {
    const watch = await openedWith(1000);
    await watch.press('Home');
    await watch.scrollTo(24 * 500);
    expect(watch.selected).toEqual([]);
    expect(watch.grid.getAttribute('aria-activedescendant')).toBeNull();
    await watch.scrollTo(0);
    expect(watch.grid.getAttribute('aria-activedescendant')).toBe('row-5999');
  });

  it('can be acted on though one looked far away from the one that is chosen', async () => {
    const watch = await openedWith(100_000);
    await watch.press('Home');
    const rows = Array.from({ length: 700 }, (_, at) => changeRow(at));
    watch.page.take({ type: 'rows', generation: 1, rows });
    await watch.scrollTo(24 * 50_000);
    await watch.press('k');
    expect(watch.take('row')).toEqual([{ type: 'row', seq: 104_999, action: 'copyKey' }]);
  });

  it('replace what was forgotten: none of it is drawn or chosen', async () => {
    const watch = await openedWith(20);
    await watch.press('End');
    await watch.tick({ first: 10, end: 20 });
    expect(watch.keys).toEqual(keys(19, 10));
    expect(watch.selected).toEqual([]);
    expect(watch.grid.getAttribute('aria-activedescendant')).toBeNull();
    await watch.press('k');
    expect(watch.take('row')).toEqual([]);
  });

  it('have other places under another generation: nothing stays drawn or chosen', async () => {
    const watch = await openedWith(1000);
    await watch.press('Home');
    watch.row = (at) => changeRow(at, { key: `/other/${at}` });
    await watch.tick({ generation: 2, end: 3 });
    expect(watch.keys).toEqual(['/other/2', '/other/1', '/other/0']);
    expect(watch.selected).toEqual([]);
    watch.page.take({ type: 'rows', generation: 1, rows: [changeRow(2)] });
    await watch.settle();
    expect(watch.keys[0]).toBe('/other/2');
  });

  it('are drawn with their new text when they are told again', async () => {
    const watch = await openedWith(3);
    await watch.press('Home');
    watch.row = (at): RowModel =>
      changeRow(at, { note: 'values forgotten for want of room', isComparable: false });
    await watch.tick({ end: 3 });
    expect(watch.rows.map((row) => row.querySelector('.note')?.textContent)).toEqual(
      Array.from({ length: 3 }, () => 'values forgotten for want of room'),
    );
    expect(watch.selected).toEqual(['/key/2']);
    expect(watch.grid.querySelectorAll('.row')).toHaveLength(3);
  });
});

describe('The toolbar of a watch', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const types = ['put', 'delete', 'expired'] as const;

  it('has a name for each button, and its state for each toggle', async () => {
    new OpenWatch({ isGrouped: true });
    expect(await spokenButtons('.toolbar')).toEqual([
      `button ${words.pause}`,
      `switch ${words.regex}: false`,
      `button ${words.startAgain}`,
      `switch ${words.group}: true`,
      `button ${words.startFrom}`,
      `button ${words.exportRows}`,
    ]);
    const field = await control('.toolbar .filter');
    expect(field.shadowRoot!.querySelector('input')!.getAttribute('aria-label')).toBe(words.filter);
    expect([...document.querySelectorAll('vscode-checkbox')].map(({ label }) => label)).toEqual([
      ...['PUT', 'DELETE', 'LEASE EXPIRED'],
    ]);
  });

  it('shows the filter with which the panel came back', async () => {
    new OpenWatch({ filter: { text: '/a', isRegex: true, types: ['delete'] } });
    expect((await control('.toolbar .filter')).value).toBe('/a');
    expect((await spokenButtons('.toolbar'))[1]).toBe(`switch ${words.regex}: true`);
    expect([...document.querySelectorAll('vscode-checkbox')].map(({ checked }) => checked)).toEqual([
      ...[false, true, false],
    ]);
  });

  it('tells what is typed once it rests, and toggles at once', async () => {
    const watch = new OpenWatch();
    await typeInto('.toolbar .filter', '/a');
    vi.advanceTimersByTime(149);
    expect(watch.take('filter')).toEqual([]);
    vi.advanceTimersByTime(1);
    await click('.toolbar vscode-toolbar-button[icon=regex]');
    const box = await control('vscode-checkbox[data-type=delete]');
    box.checked = false;
    box.dispatchEvent(new Event('change'));
    expect(watch.take('filter').map(({ filter }) => filter)).toEqual([
      { text: '/a', isRegex: false, types },
      { text: '/a', isRegex: true, types },
      { text: '/a', isRegex: true, types: ['put', 'expired'] },
    ]);
  });

  it('says what is wrong with the filter', async () => {
    const watch = new OpenWatch();
    const filter = { text: '(', isRegex: true, types: [...types] };
    watch.page.take({ type: 'filter', filter, isGrouped: false, problem: 'missing closing )' });
    expect(text('.toolbar .problem')).toBe('missing closing )');
    expect(watch.find('.toolbar .problem').getAttribute('role')).toBe('alert');
    expect((await control('.toolbar .filter')).invalid).toBe(true);
  });

  it.each([
    ['start', 'startFrom'],
    ['export', 'export'],
    ['again', 'startAgain'],
  ] as const)('%s does it for what was typed a moment ago', async (name, type) => {
    const watch = new OpenWatch();
    await typeInto('.toolbar .filter', '/a');
    watch.sent.length = 0;
    await click(`.toolbar .${name}`);
    expect(watch.sent).toEqual([{ type: 'filter', filter: { text: '/a', isRegex: false, types } }, { type }]);
  });

  it('groups by key', async () => {
    const watch = new OpenWatch();
    await click('.toolbar .group');
    await click('.toolbar .group');
    expect(watch.take('group').map(({ isGrouped }) => isGrouped)).toEqual([true, false]);
  });

  it('pauses and resumes, by Space in the grid as well', async () => {
    const watch = await openedWith(10);
    await click('.toolbar .pause');
    expect(watch.take('pause')).toEqual([{ type: 'pause', isPaused: true }]);
    await watch.tick({ isPaused: true });
    expect((await spokenButtons('.toolbar'))[0]).toBe(`button ${words.resume}`);
    await watch.press(' ');
    expect(watch.take('pause')).toEqual([{ type: 'pause', isPaused: false }]);
  });

  it('goes to the filter with slash and back to the rows with Escape', async () => {
    const watch = await openedWith(10);
    const field = await control('.toolbar .filter');
    watch.grid.focus();
    await watch.press('/');
    expect(document.activeElement).toBe(field);
    const init = { key: 'Escape', bubbles: true, composed: true };
    field.shadowRoot!.querySelector('input')!.dispatchEvent(new KeyboardEvent('keydown', init));
    expect(document.activeElement).toBe(watch.grid);
  });

  it('draws the events of each second, and says their rate', async () => {
    const watch = new OpenWatch();
    await watch.tick({ rate: [0, 1, 4], rateText: '4 events/s' });
    const chart = document.querySelector('.sparkline')!;
    expect(chart.getAttribute('role')).toBe('img');
    expect(chart.getAttribute('aria-label')).toBe('4 events/s');
    expect(chart.querySelector('path')!.getAttribute('d')).toBe(
      'M0 16v-0.5h1.5v0.5zM2 16v-4h1.5v4zM4 16v-16h1.5v16z',
    );
  });
});

describe('The status of a watch', () => {
  it('says how the connection is, how far it is complete, and what is missing', async () => {
    const watch = new OpenWatch();
    await watch.tick({
      ...{ end: 3, tone: 'warning', state: 'Reconnecting', proof: 'Complete up to 7', count: '3 rows' },
      ...{
        isFiltering: true,
        folded: '9 more',
        forgotten: '12 forgotten',
        waiting: '4 came',
        hasEnded: false,
      },
    });
    expect(watch.find('.status .state').className).toBe('state warning');
    expect(
      ['state', 'proof', 'waiting', 'count', 'folded', 'forgotten'].map((name) => text(`.status .${name}`)),
    ).toEqual([
      ...[
        'Reconnecting',
        'Complete up to 7',
        '4 came',
        `3 rows ${words.filtering}`,
        '9 more',
        '12 forgotten',
      ],
    ]);
    expect(watch.find('.toolbar .again').hidden).toBe(true);
  });

  it('says in place of rows why there are none', async () => {
    const watch = new OpenWatch();
    await watch.tick({ empty: 'No change yet', hasEnded: true });
    expect(watch.find('.empty').hidden).toBe(false);
    expect(text('.empty')).toBe('No change yet');
    expect(watch.find('.toolbar .again').hidden).toBe(false);
    await watch.tick({ end: 1 });
    expect(watch.find('.empty').hidden).toBe(true);
  });

  it('is kept for a reload of the window', async () => {
    const watch = new OpenWatch({ cluster: 'other' });
    await watch.tick({ end: 1 });
    expect(watch.states).toEqual([{ ...watchState, cluster: 'other' }, watchState]);
  });
});
