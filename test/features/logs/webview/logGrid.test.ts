import { describe, expect, it } from 'vitest';
import { resize } from '../../../shell/webview/layout';
import { legend, lineRow, numberedRows, OpenLogs, words } from './openLogs';

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`);

/** Ten rows are in sight. */
async function openedWith(end: number, first = 0): Promise<OpenLogs> {
  const logs = new OpenLogs();
  await logs.tick({ first, end });
  return logs;
}

describe('The grid of lines', () => {
  it('has only the rows in sight as elements, the newest of 100,000 at first', async () => {
    const logs = await openedWith(100_000);
    expect(logs.texts).toEqual(numbers(99_989, 100_000));
    expect(logs.rows.at(-1)!.getAttribute('aria-rowindex')).toBe('100000');
  });

  it('has no more elements after many pages', async () => {
    const logs = await openedWith(100_000);
    await logs.press('Home');
    for (let page = 0; page < 30; page++) await logs.press('PageDown');
    expect(logs.texts).toEqual(numbers(291, 303));
    expect(document.querySelectorAll('.row')).toHaveLength(12);
  });

  it('shows more rows in a taller panel', async () => {
    const logs = await openedWith(100_000);
    resize('.view', { width: 800, height: 400 });
    await logs.settle();
    expect(logs.texts).toEqual(numbers(99_979, 100_000));
  });

  it('tells screen readers what it is, how many rows it has and which are drawn', async () => {
    const { grid, rows } = await openedWith(100_000, 60_000);
    expect(grid.getAttribute('role')).toBe('grid');
    expect(grid.tabIndex).toBe(0);
    expect(grid.getAttribute('aria-label')).toBe('Log lines, the newest last');
    expect(grid.getAttribute('aria-multiselectable')).toBe('true');
    expect(grid.getAttribute('aria-rowcount')).toBe('40000');
    expect(document.getElementById(grid.getAttribute('aria-describedby')!)!.textContent).toBe(words.keyboard);
    expect(rows.at(0)!.getAttribute('aria-rowindex')).toBe('39990');
    expect([...rows[0]!.children].map((cell) => cell.getAttribute('role'))).toEqual(
      Array.from({ length: 6 }, () => 'gridcell'),
    );
    expect(document.querySelector('.scrollbar')!.getAttribute('aria-hidden')).toBe('true');
  });

  it('shows time, host, source, level and text of a line, and marks of it by name', async () => {
    const logs = new OpenLogs();
    logs.lines = (at) => ({
      ...lineRow(at, 'boom', { level: 'error', late: true, stream: 2 }),
      isBookmarked: true,
    });
    await logs.tick({ end: 1 });
    const [row] = logs.rows;
    const text = (name: string) => row!.querySelector(`.${name}`)!.textContent;
    expect(['time', 'host', 'source', 'level', 'text'].map(text)).toEqual(
      expect.arrayContaining(['db-1', 'postgres', 'ERROR', 'boom']),
    );
    expect(text('time')).toMatch(/00:00:00\.000Z$/);
    expect(row!.classList.contains('level-error')).toBe(true);
    expect(
      [...row!.querySelectorAll('.marks [role=img]')].map((mark) => mark.getAttribute('aria-label')),
    ).toEqual([words.bookmarked, words.late]);
  });
});

describe('The keyboard in the grid of lines', () => {
  it.each([
    ['ArrowUp', 'line 999'],
    ['ArrowDown', 'line 999'],
    ['PageUp', 'line 990'],
    ['PageDown', 'line 999'],
    ['Home', 'line 0'],
    ['End', 'line 999'],
  ])('%s chooses %s where none was chosen at the end', async (key, chosen) => {
    const logs = await openedWith(1000);
    const event = await logs.press(key);
    expect(logs.selected).toEqual([chosen]);
    expect(event.defaultPrevented).toBe(true);
  });

  it.each([
    ['ArrowUp', 'line 499'],
    ['ArrowDown', 'line 501'],
    ['PageUp', 'line 490'],
    ['PageDown', 'line 510'],
    ['Home', 'line 0'],
    ['End', 'line 999'],
  ])('%s goes from line 500 to %s, which is in sight and the active descendant', async (key, chosen) => {
    const logs = await openedWith(1000);
    logs.page.take({ type: 'goTo', generation: 1, at: 500 });
    await logs.settle();
    await logs.press(key);
    expect(logs.selected).toEqual([chosen]);
    const active = document.getElementById(logs.grid.getAttribute('aria-activedescendant')!)!;
    expect(active.querySelector('.text')!.textContent).toBe(chosen);
    expect(active.classList.contains('active')).toBe(true);
    expect(document.querySelectorAll('.row.active')).toHaveLength(1);
  });

  it('scrolls by no more than is needed', async () => {
    const logs = await openedWith(1000);
    await logs.press('Home');
    for (let step = 0; step < 9; step++) await logs.press('ArrowDown');
    expect(logs.texts[0]).toBe('line 0');
    await logs.press('ArrowDown');
    expect(logs.texts[0]).toBe('line 1');
    await logs.press('ArrowUp');
    expect(logs.texts[0]).toBe('line 1');
  });

  it('stops at both ends', async () => {
    const logs = await openedWith(3);
    await logs.press('Home');
    await logs.press('ArrowUp');
    expect(logs.selected).toEqual(['line 0']);
    await logs.press('End');
    await logs.press('ArrowDown');
    expect(logs.selected).toEqual(['line 2']);
  });

  it('chooses several with Shift, and all with Ctrl+A', async () => {
    const logs = await openedWith(1000);
    await logs.press('End');
    await logs.press('ArrowUp', { shiftKey: true });
    await logs.press('ArrowUp', { shiftKey: true });
    expect(logs.selected).toEqual(numbers(997, 1000));
    expect(logs.page.grid.selection).toEqual({ generation: 1, from: 997, to: 1000 });
    await logs.press('ArrowDown', { shiftKey: true });
    expect(logs.selected).toEqual(numbers(998, 1000));
    await logs.press('a', { ctrlKey: true });
    expect(logs.page.grid.selection).toEqual({ generation: 1, from: 0, to: 1000 });
  });

  it('does with the chosen lines what the keys say', async () => {
    const logs = await openedWith(1000);
    await logs.press('End');
    await logs.press('ArrowUp', { shiftKey: true });
    const line = { type: 'lines', id: 5998, generation: 1, from: 998, to: 1000 };
    for (const [key, action] of [
      ['b', 'bookmark'],
      ['C', 'copy'],
      ['e', 'openInEditor'],
      ['f', 'filterField'],
      ['h', 'onlyHost'],
      ['p', 'pin'],
      ['t', 'correlate'],
      ['Enter', 'openFrame'],
    ] as const) {
      await logs.press(key);
      expect(logs.take('lines')).toEqual([{ ...line, action }]);
    }
  });

  it('leaves keys to others while there is no line', async () => {
    const logs = await openedWith(0);
    const event = await logs.press('ArrowDown');
    expect(event.defaultPrevented).toBe(false);
    expect(logs.selected).toEqual([]);
  });

  it('copies all lines that were chosen, however far one looked away from them', async () => {
    const logs = await openedWith(100_000);
    await logs.press('a', { ctrlKey: true });
    logs.page.take({ type: 'rows', generation: 1, rows: numberedRows(0, 4000) });
    await logs.wheel(-20_000);
    logs.page.take({ type: 'stale' });
    await logs.settle();
    await logs.press('c');
    expect(logs.take('lines')).toEqual([
      { type: 'lines', action: 'copy', id: 104_999, generation: 1, from: 0, to: 100_000 },
    ]);
  });
});

describe('The mouse in the grid of lines', () => {
  const press = async (logs: OpenLogs, text: string, init: MouseEventInit = {}) => {
    const row = logs.rows[logs.texts.indexOf(text)]!;
    row
      .querySelector('.text')!
      .dispatchEvent(new MouseEvent('mousedown', { bubbles: true, cancelable: true, ...init }));
    await logs.settle();
  };

  it('chooses a line and, with Shift, those up to another', async () => {
    const logs = await openedWith(1000);
    await press(logs, 'line 995');
    expect(logs.selected).toEqual(['line 995']);
    expect(document.activeElement).toBe(logs.grid);
    await press(logs, 'line 993', { shiftKey: true });
    expect(logs.selected).toEqual(numbers(993, 996));
    expect(logs.take('chosen').at(-1)).toEqual({
      ...{ type: 'chosen', id: 5993, range: { generation: 1, from: 993, to: 996 } },
    });
  });

  it('keeps what is chosen for the menu on it, and chooses another line for the menu on that', async () => {
    const logs = await openedWith(1000);
    await press(logs, 'line 995');
    await press(logs, 'line 993', { shiftKey: true });
    await press(logs, 'line 994', { button: 2 });
    expect(logs.selected).toEqual(numbers(993, 996));
    await press(logs, 'line 999', { button: 2 });
    expect(logs.selected).toEqual(['line 999']);
  });

  it('opens the place in source code that is clicked', async () => {
    const logs = new OpenLogs();
    logs.lines = (at) => lineRow(at, '    at f (/srv/a.js:1:2)');
    await logs.tick({ end: 1 });
    const frame = logs.find('.frame');
    expect(frame.textContent).toBe('/srv/a.js:1:2');
    frame.dispatchEvent(new MouseEvent('mousedown', { bubbles: true }));
    frame.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    expect(logs.take('lines')).toEqual([
      { type: 'lines', action: 'openFrame', id: 5000, generation: 1, from: 0, to: 1 },
    ]);
  });
});

describe('Following the end of the lines', () => {
  it('goes on as lines come in', async () => {
    const logs = await openedWith(1000);
    await logs.tick({ end: 1005 });
    expect(logs.texts).toEqual(numbers(994, 1005));
    expect(logs.find('.new-lines').hidden).toBe(true);
    expect(logs.take('drawn').at(-1)).toEqual({ type: 'drawn', newest: 12 });
  });

  it('stops when one scrolls up: what is read stays, and a button tells what came', async () => {
    const logs = await openedWith(1000);
    await logs.wheel(-200);
    const read = logs.texts;
    expect(read[0]).toBe('line 980');
    await logs.tick({ end: 2234 });
    expect(logs.texts).toEqual(read);
    expect(logs.take('drawn').at(-1)).toEqual({ type: 'drawn', newest: 0 });
    const button = logs.find('.new-lines');
    expect(button.hidden).toBe(false);
    expect(button.textContent).toBe('1,234 new lines');
    button.click();
    await logs.settle();
    expect(logs.texts.at(-1)).toBe('line 2233');
    expect(button.hidden).toBe(true);
    expect(document.activeElement).toBe(logs.grid);
  });

  it('goes on when one scrolls down to the end, or presses End', async () => {
    const logs = await openedWith(1000);
    await logs.wheel(-200);
    await logs.wheel(100);
    await logs.tick({ end: 1001 });
    expect(logs.texts.at(-1)).not.toBe('line 1000');
    await logs.wheel(500);
    await logs.tick({ end: 1002 });
    expect(logs.texts.at(-1)).toBe('line 1001');
    await logs.press('Home');
    await logs.press('End');
    await logs.tick({ end: 1003 });
    expect(logs.texts.at(-1)).toBe('line 1002');
  });

  it('scrolls by pixels: half a row is above the edge', async () => {
    const logs = await openedWith(1000);
    await logs.wheel(-30);
    expect(logs.texts[0]).toBe('line 988');
    expect(logs.find('.lines').style.transform).toBe('translateY(-10px)');
  });

  it.each(['ctrlKey', 'shiftKey'])('leaves the wheel with %s to the window', async (key) => {
    const logs = await openedWith(1000);
    const event = Object.assign(new WheelEvent('wheel', { deltaY: -200, cancelable: true }), { [key]: true });
    logs.grid.dispatchEvent(event);
    await logs.settle();
    expect(event.defaultPrevented).toBe(false);
    expect(logs.page.grid.isFollowing).toBe(true);
  });

  it.each([
    [100_000, 2_000_000],
    [5_000_000, 4_000_000],
  ])('has a scroll bar that reaches any of %s lines', async (count, height) => {
    const logs = await openedWith(count);
    const bar = logs.find('.scrollbar');
    const space = Number.parseFloat((bar.firstElementChild as HTMLElement).style.height);
    expect(space).toBe(height);
    expect(bar.scrollTop).toBe(height - 200);
    bar.scrollTop = 0;
    await logs.settle();
    expect(logs.texts[0]).toBe('line 0');
    bar.scrollTop = (height - 200) / 2;
    await logs.settle();
    expect(logs.texts[0]).toBe(`line ${count / 2 - 5}`);
    bar.scrollTop = height;
    await logs.settle();
    expect(logs.texts.at(-1)).toBe(`line ${count - 1}`);
    expect(logs.page.grid.isFollowing).toBe(true);
  });

  it('has no scroll bar where all lines are in sight', async () => {
    const logs = await openedWith(10);
    expect(logs.find('.scrollbar').hidden).toBe(true);
    await logs.tick({ end: 11 });
    expect(logs.find('.scrollbar').hidden).toBe(false);
  });

  it('has the newest line in sight where lines are wrapped', async () => {
    const logs = new OpenLogs({}, { wraps: true });
    logs.lines = (at) => lineRow(at, `${at} ${'x'.repeat(330)}`);
    await logs.tick({ end: 1000 });
    // Each is 80 pixels tall, and those that were not needed are above the edge.
    expect(logs.find('.lines').style.transform).toBe(`translateY(${200 - 11 * 80}px)`);
    await logs.wheel(-80);
    expect(logs.texts[0]).toMatch(/^996 /);
    expect(logs.find('.lines').style.transform).toBe('translateY(-40px)');
  });
});

describe('What is chosen among the lines', () => {
  it('stays the same line as lines come in and older ones are dropped', async () => {
    const logs = await openedWith(1000);
    logs.page.take({ type: 'goTo', generation: 1, at: 500 });
    await logs.settle();
    await logs.tick({ first: 300, end: 1400 });
    expect(logs.selected).toEqual(['line 500']);
    expect(logs.texts[0]).toBe('line 495');
    const active = logs.find('.row.active');
    expect(active.getAttribute('aria-rowindex')).toBe('201');
    expect(active.id).toBe(logs.grid.getAttribute('aria-activedescendant'));
  });

  it('is none once the line was dropped', async () => {
    const logs = await openedWith(1000);
    await logs.press('Home');
    await logs.tick({ first: 300, end: 1400 });
    expect(logs.selected).toEqual([]);
    expect(logs.grid.getAttribute('aria-activedescendant')).toBeNull();
    expect(logs.texts[0]).toBe('line 300');
    await logs.press('c');
    expect(logs.take('lines')).toEqual([]);
  });

  it('names no active descendant that is out of sight', async () => {
    const logs = await openedWith(1000);
    await logs.press('End');
    await logs.wheel(-4000);
    expect(logs.grid.getAttribute('aria-activedescendant')).toBeNull();
    await logs.press('ArrowUp');
    expect(logs.selected).toEqual(['line 998']);
    expect(logs.grid.getAttribute('aria-activedescendant')).toBe('line-5998');
  });

  it('is none in another view, where lines have other places', async () => {
    const logs = await openedWith(1000);
    await logs.press('End');
    await logs.tick({ generation: 2, end: 20 });
    expect(logs.selected).toEqual([]);
    logs.page.take({ type: 'rows', generation: 1, rows: [lineRow(19, 'of the view before')] });
    logs.page.take({ type: 'goTo', generation: 1, at: 3 });
    await logs.settle();
    expect(logs.texts.at(-1)).toBe('line 19');
    expect(logs.selected).toEqual([]);
  });

  it('is a line that was searched for, in the middle', async () => {
    const logs = await openedWith(100_000);
    logs.page.take({ type: 'goTo', generation: 1, at: 12_345 });
    await logs.settle();
    expect(logs.selected).toEqual(['line 12345']);
    expect(logs.texts.indexOf('line 12345')).toBe(5);
  });
});

describe('Lines that are not there yet', () => {
  it('are asked for once, those around them with them, and said to be loading', async () => {
    const logs = await openedWith(100_000);
    logs.answers = false;
    logs.page.take({ type: 'goTo', generation: 1, at: 50_005 });
    await logs.settle();
    expect(new Set(logs.texts)).toEqual(new Set([words.loading]));
    expect(logs.rows[0]!.className).toBe('row loading');
    await logs.wheel(20);
    expect(logs.take('rows')).toEqual([{ type: 'rows', generation: 1, from: 49_880, to: 50_132 }]);
    logs.page.take({ type: 'rows', generation: 1, rows: numberedRows(49_880, 50_132) });
    await logs.settle();
    expect(logs.texts).toEqual(numbers(50_001, 50_013));
  });

  it('have nothing of the line whose element they have', async () => {
    const logs = new OpenLogs({ correlate: { field: 'id', value: '1' } });
    await logs.tick({ end: 100_000 });
    expect(logs.rows[1]!.querySelector('.delta')!.textContent).toBe('+1 ms');
    logs.answers = false;
    logs.page.take({ type: 'goTo', generation: 1, at: 50_005 });
    await logs.settle();
    const [row] = logs.rows;
    expect([...row!.querySelectorAll('.cell')].map((cell) => cell.textContent).join('')).toBe(words.loading);
    expect([...row!.querySelectorAll<HTMLElement>('[title]')].map(({ title }) => title).join('')).toBe('');
    expect(row!.id).toBe('');
  });

  it('show what they were until they are told again', async () => {
    const logs = await openedWith(1000);
    logs.answers = false;
    logs.page.take({ type: 'stale' });
    await logs.settle();
    expect(logs.texts).toEqual(numbers(989, 1000));
    logs.lines = (at) => lineRow(at, `changed ${at}`);
    logs.answers = true;
    await logs.settle();
    expect(logs.texts).toEqual(numbers(989, 1000).map((text) => text.replace('line', 'changed')));
  });
});

describe('Hostile text in a line', () => {
  const textOf = async (text: string) => {
    const logs = new OpenLogs();
    logs.lines = (at) => lineRow(at, text);
    await logs.tick({ end: 1 });
    return logs.find('.row .text');
  };

  it.each([
    '<img src=x onerror="alert(1)">',
    '</div><script>alert(1)</script>',
    '\x1b[31m<b onclick=x>\x1b[0m',
    '{"msg":"<img src=x onerror=alert(1)>","a":"<b>"}',
  ])('stays text: %s', async (text) => {
    const shown = await textOf(text);
    expect(shown.querySelector('img, script, b')).toBeNull();
    expect(shown.textContent).toContain(/<[^>]+>/.exec(text)![0]);
  });

  it.each([
    ['turns text', 'pay \u202e001 $'],
    ['isolates text', 'a\u2066b\u2069'],
    ['ends lines', 'a\u2028b'],
    ['controls a terminal', 'a\x07\x08b\x7f'],
  ])('that %s is spelled out', async (_, text) => {
    const shown = await textOf(text);
    expect(shown.textContent).not.toMatch(/[\x00-\x08\x7f\u2028\u202a-\u202e\u2066-\u2069]/);
    expect(shown.textContent).toMatch(/^(pay|a)/);
  });

  it('cannot leave the colour that it sets', async () => {
    const logs = await openedWith(0);
    const row = lineRow(0, 'x');
    const parts = [{ text: 'x', color: 'red; background: url(https://example.org/)' }];
    logs.lines = () => ({ ...row, parts }) as typeof row;
    await logs.tick({ end: 1 });
    expect(logs.find('.row .text span').style.backgroundImage).toBe('');
    expect(logs.find('.row .text span').style.background).toBe('');
  });

  it('stays text in names of hosts and sources', async () => {
    const host = '<img src=x onerror=alert(1)>';
    const logs = new OpenLogs({}, {}, [{ ...legend[0]!, host, source: '<b>' }]);
    await logs.tick({ end: 1 });
    expect(logs.find('.row .host').textContent).toBe(host);
    expect(logs.find('.row .source').textContent).toBe('<b>');
    expect(logs.find('.legend .name').textContent).toBe(host);
    expect(document.querySelector('img, b')).toBeNull();
  });
});

describe('A structured line', () => {
  const line = '{"took":7,"msg":"served"}';
  const opened = async (isRaw: boolean) => {
    const logs = new OpenLogs({}, { isRaw });
    logs.lines = (at) => lineRow(at, line, { isRaw });
    await logs.tick({ end: 1 });
    return logs;
  };
  const parts = () =>
    [...document.querySelector('.row .text')!.childNodes].map((node) => [
      node.textContent,
      node instanceof Element && node.classList.contains('muted'),
    ]);

  it('has its message first, and its other fields muted', async () => {
    await opened(false);
    expect(parts()).toEqual([
      ['served', false],
      ['  took=7', true],
    ]);
  });

  it('is as it came once it is asked for with R', async () => {
    const logs = await opened(false);
    await logs.press('r');
    expect(logs.take('look').map(({ look }) => look.isRaw)).toEqual([true]);
    logs.lines = (at) => lineRow(at, line, { isRaw: true });
    logs.page.take({ type: 'stale' });
    await logs.settle();
    expect(logs.texts).toEqual([line]);
  });
});
