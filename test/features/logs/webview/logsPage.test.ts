import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { choose, click, control, spokenButtons, typeInto } from '../../../shell/webview/controls';
import { OpenLogs, plainLook, wholeView, words } from './openLogs';

const views = (logs: OpenLogs) => logs.take('view').map(({ view }) => view);
const looks = (logs: OpenLogs) => logs.take('look').map(({ look }) => look);
const text = (selector: string) => document.querySelector(selector)!.textContent;

describe('The toolbar of a logs panel', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('has a name for each button, and its state for each toggle', async () => {
    new OpenLogs({ include: { text: '', isRegex: true } }, { wraps: true });
    expect(await spokenButtons('.toolbar')).toEqual([
      'button Pause (Space)',
      'switch Regular expression (RE2): true',
      'switch Regular expression (RE2): false',
      'switch Regular expression (RE2): false',
      'button Previous Match (Shift+F3, N)',
      'button Next Match (F3, n)',
      'switch Wrap Lines (Alt+Z): true',
      'switch Raw Lines (R): false',
      'switch Hosts and Sources: true',
      'switch Lines over Time: true',
      'button Start Again',
      'button Hide What Is There',
      'button Since…',
      'button Go To…',
      'button Bookmarks… (F2 goes to the next)',
      'button Open in Editor',
      'button Save As…',
    ]);
    for (const button of document.querySelectorAll<HTMLElement & { label: string }>('vscode-toolbar-button'))
      expect(button.title).toBe(button.label);
  });

  it('has a name for each field and each list', async () => {
    new OpenLogs();
    for (const name of ['include', 'exclude', 'fields', 'highlight'] as const) {
      const field = await control(`.pattern.${name} vscode-textfield`);
      expect(field.shadowRoot!.querySelector('input')!.getAttribute('aria-label')).toBe(words[name]);
    }
    const lists = [...document.querySelectorAll('select')];
    expect(lists.map((list) => list.getAttribute('aria-label'))).toEqual(['Level', 'Time column']);
    expect([...lists[0]!.options].map((option) => option.text)).toEqual([
      'All levels',
      ...['trace', 'debug', 'information', 'notice', 'warning', 'error', 'fatal'].map(
        (level) => `From ${level} on`,
      ),
    ]);
    expect([...lists[1]!.options].map(({ value }) => value)).toEqual(['local', 'utc', 'ago', 'delta']);
  });

  it.each(['include', 'exclude', 'highlight'] as const)(
    'tells what is typed into %s once it rests',
    async (box) => {
      const logs = new OpenLogs();
      await typeInto(`.${box} vscode-textfield`, 'time');
      vi.advanceTimersByTime(150);
      await typeInto(`.${box} vscode-textfield`, 'timeout');
      vi.advanceTimersByTime(150);
      expect(views(logs)).toEqual([]);
      vi.advanceTimersByTime(50);
      expect(views(logs)).toEqual([{ ...wholeView, [box]: { text: 'timeout', isRegex: false } }]);
      await click(`.${box} vscode-toolbar-button`);
      expect(views(logs)).toEqual([{ ...wholeView, [box]: { text: 'timeout', isRegex: true } }]);
    },
  );

  it('tells the fields that are typed as they are', async () => {
    const logs = new OpenLogs();
    await typeInto('.fields vscode-textfield', 'status>=500');
    vi.advanceTimersByTime(200);
    expect(views(logs)).toEqual([{ ...wholeView, fields: 'status>=500' }]);
  });

  it('keeps what is being typed when an answer to what was typed before comes', async () => {
    const logs = new OpenLogs();
    await typeInto('.include vscode-textfield', 'timeout');
    logs.page.take({
      type: 'view',
      view: { ...wholeView, include: { text: 'time', isRegex: false } },
      problems: {},
    });
    expect((await control('.include vscode-textfield')).value).toBe('timeout');
    vi.advanceTimersByTime(200);
    logs.page.take({
      type: 'view',
      view: { ...wholeView, include: { text: 'time', isRegex: false } },
      problems: {},
    });
    expect((await control('.include vscode-textfield')).value).toBe('time');
  });

  it('tells what is wrong in a field beside it, and no longer once it is right', async () => {
    const logs = new OpenLogs();
    const problem = () => logs.find('.include .problem');
    logs.page.take({ type: 'view', view: wholeView, problems: { include: 'missing ): <b>(' } });
    expect(problem().textContent).toBe('missing ): <b>(');
    expect(problem().getAttribute('role')).toBe('alert');
    expect(document.querySelector('b')).toBeNull();
    expect((await control('.include vscode-textfield')).invalid).toBe(true);
    expect((await control('.exclude vscode-textfield')).invalid).toBe(false);
    logs.page.take({ type: 'view', view: wholeView, problems: {} });
    expect(problem().textContent).toBe('');
    expect((await control('.include vscode-textfield')).invalid).toBe(false);
  });

  it('filters by the level that is chosen, and all of them', () => {
    const logs = new OpenLogs();
    choose('select.level', 'error');
    choose('select.level', '');
    expect(views(logs)).toEqual([{ ...wholeView, level: 'error' }, wholeView]);
  });

  it('changes the time column', () => {
    const logs = new OpenLogs();
    choose('select.time', 'delta');
    expect(looks(logs)).toEqual([{ ...plainLook, time: 'delta' }]);
  });

  it.each(['wraps', 'isRaw', 'hasLegend', 'hasHistogram'] as const)('toggles %s', async (look) => {
    const logs = new OpenLogs();
    await click(`.toolbar .${look}`);
    expect(looks(logs)).toEqual([{ ...plainLook, [look]: !plainLook[look] }]);
  });

  it('keeps a change of the look to which no answer came yet when there is another', async () => {
    const logs = new OpenLogs();
    await click('.toolbar .wraps');
    await click('.toolbar .isRaw');
    await logs.press('z', { altKey: true });
    expect(looks(logs)).toEqual([
      { ...plainLook, wraps: true },
      { ...plainLook, wraps: true, isRaw: true },
      { ...plainLook, isRaw: true },
    ]);
  });

  it.each(['clearView', 'since', 'goTo', 'bookmarks', 'openInEditor', 'save', 'again'] as const)(
    'does %s, for what was typed a moment ago',
    async (action) => {
      const logs = new OpenLogs();
      await typeInto('.include vscode-textfield', 'x');
      logs.sent.length = 0;
      await click(`.toolbar .${action}`);
      expect(logs.sent).toEqual([
        { type: 'view', view: { ...wholeView, include: { text: 'x', isRegex: false } }, keep: undefined },
        { type: 'panel', action },
      ]);
      vi.advanceTimersByTime(1000);
      expect(logs.sent).toHaveLength(2);
    },
  );

  it('pauses and resumes, and says which of them it does', async () => {
    const logs = new OpenLogs();
    await click('.toolbar .pause');
    expect(logs.take('pause')).toEqual([{ type: 'pause', isPaused: true }]);
    await logs.tick({ end: 5, isPaused: true, waiting: '12 lines came since' });
    expect((await spokenButtons('.toolbar'))[0]).toBe('button Resume (Space)');
    expect(text('.status .waiting')).toBe('12 lines came since');
    await logs.press(' ');
    expect(logs.take('pause')).toEqual([{ type: 'pause', isPaused: false }]);
  });

  it('offers to start again only what ended', async () => {
    const logs = new OpenLogs();
    await logs.tick({ hasEnded: false });
    expect(logs.find('.toolbar .again').hidden).toBe(true);
    await logs.tick({ hasEnded: true });
    expect(logs.find('.toolbar .again').hidden).toBe(false);
  });

  it('finds the next and the previous match, from the line that is chosen', async () => {
    const logs = new OpenLogs();
    await logs.tick({ end: 1000 });
    const found = { type: 'find', what: 'match' };
    await click('.toolbar .next');
    await click('.toolbar .previous');
    expect(logs.take('find')).toEqual([
      { ...found, at: 1000, direction: 1 },
      { ...found, at: 1000, direction: -1 },
    ]);
    logs.page.take({ type: 'goTo', generation: 1, at: 500 });
    await typeInto('.highlight vscode-textfield', 'x');
    const field = await control('.highlight vscode-textfield');
    logs.type(field, 'Enter');
    logs.type(field, 'Enter', { shiftKey: true });
    expect(logs.take('find')).toEqual([
      { ...found, at: 500, direction: 1 },
      { ...found, at: 500, direction: -1 },
    ]);
    expect(views(logs).at(-1)!.highlight).toEqual({ text: 'x', isRegex: false });
  });
});

describe('The keyboard of a logs panel', () => {
  it('finds matches and bookmarks', async () => {
    const logs = new OpenLogs();
    await logs.tick({ end: 10 });
    for (const [key, shiftKey] of [
      ['F3', false],
      ['F3', true],
      ['n', false],
      ['N', true],
      ['F2', false],
      ['F2', true],
    ] as const)
      await logs.press(key, { shiftKey });
    expect(logs.take('find').map(({ what, direction }) => `${what} ${direction}`)).toEqual([
      ...['match 1', 'match -1', 'match 1', 'match -1'],
      ...['bookmark 1', 'bookmark -1'],
    ]);
  });

  it('goes to the fields with slash and Ctrl+F, and back to the lines with Escape', async () => {
    const logs = new OpenLogs();
    await logs.tick({ end: 10 });
    logs.page.grid.focus();
    await control('.include vscode-textfield');
    await logs.press('/');
    expect(document.activeElement).toBe(logs.find('.include vscode-textfield'));
    await logs.press('f', { ctrlKey: true });
    const field = await control('.highlight vscode-textfield');
    expect(document.activeElement).toBe(field);
    const input = field.shadowRoot!.querySelector('input')!;
    logs.type(input, 'Escape');
    expect(document.activeElement).toBe(logs.grid);
  });

  it('leaves letters to a field in which one types', async () => {
    const logs = new OpenLogs();
    await logs.tick({ end: 10 });
    const field = await control('.include vscode-textfield');
    const input = field.shadowRoot!.querySelector('input')!;
    for (const key of ['n', 'r', '/', ' ', 'b']) expect(logs.type(input, key).defaultPrevented).toBe(false);
    expect(logs.sent.filter(({ type }) => ['find', 'look', 'pause', 'lines'].includes(type))).toEqual([]);
  });

  it('copies the chosen lines, unless text is marked or typed', async () => {
    const logs = new OpenLogs();
    await logs.tick({ end: 10 });
    await logs.press('End');
    const copy = (target: Element) => {
      const event = new Event('copy', { bubbles: true, cancelable: true, composed: true });
      target.dispatchEvent(event);
      return [
        event.defaultPrevented,
        logs.take('lines').map(({ action, from, to }) => `${action} ${from} ${to}`),
      ];
    };
    expect(copy(logs.grid)).toEqual([true, ['copy 9 10']]);
    const field = await control('.include vscode-textfield');
    expect(copy(field.shadowRoot!.querySelector('input')!)).toEqual([false, []]);
    document.getSelection()!.selectAllChildren(logs.rows[0]!);
    expect(copy(logs.grid)).toEqual([false, []]);
    document.getSelection()!.removeAllRanges();
  });
});

describe('The status of a logs panel', () => {
  it('says how the sources are, by tone too, and what was dropped', async () => {
    const logs = new OpenLogs();
    await logs.tick({
      end: 3,
      tone: 'error',
      state: '1 of 3 sources failed',
      count: '3 lines',
      dropped: '7 dropped',
    });
    expect(logs.find('.status .state').className).toBe('state error');
    expect(logs.find('.status .state').getAttribute('role')).toBe('status');
    expect(['.state', '.count', '.dropped'].map((name) => text(`.status ${name}`))).toEqual([
      ...['1 of 3 sources failed', '3 lines', '7 dropped'],
    ]);
  });

  it('says what is filtered, what matches and how fast lines come', async () => {
    const logs = new OpenLogs();
    await logs.tick({
      progress: 'Filtering, 40 %',
      matches: '12 matches',
      rate: '50 lines/s',
      pinned: '1 pinned',
    });
    expect(text('.status .progress')).toBe('Filtering, 40 %');
    expect(text('.toolbar .matches')).toBe('12 matches');
    expect(text('.toolbar .rate')).toBe('50 lines/s');
    expect(text('.status .pinned')).toBe('1 pinned');
  });

  it('is not said again while it stays the same', async () => {
    const logs = new OpenLogs();
    await logs.tick({ end: 1 });
    const said: MutationRecord[] = [];
    const observer = new MutationObserver((records) => said.push(...records));
    observer.observe(logs.find('.status .state'), { childList: true, characterData: true, subtree: true });
    await logs.tick({ end: 2 });
    expect(said).toEqual([]);
    await logs.tick({ state: 'Ended' });
    expect(said).not.toEqual([]);
    observer.disconnect();
  });

  it('says in place of lines why there are none', async () => {
    const logs = new OpenLogs();
    await logs.tick({ empty: 'No line matches <b>' });
    expect(logs.find('.list .empty').hidden).toBe(false);
    expect(text('.list .empty')).toBe('No line matches <b>');
    expect(logs.grid.getAttribute('aria-rowcount')).toBe('0');
    await logs.tick({ end: 1 });
    expect(logs.find('.list .empty').hidden).toBe(true);
    expect(text('.list .empty')).toBe('');
  });

  it('says which time is shown, in the time of the column, and leaves it', () => {
    const logs = new OpenLogs({ from: Date.UTC(2026, 10, 26, 12) });
    const chip = () => text('.chip.range');
    expect(chip()).toBe('2026-11-26 12:00:00.000Z to … Show All');
    logs.page.take({ type: 'look', look: { ...plainLook, time: 'local' } });
    expect(chip()).toMatch(/^2026-11-2\d \d\d:\d\d:00\.000 to … Show All$/);
    logs.find('.chip.range button').click();
    expect(views(logs)).toEqual([wholeView]);
  });

  it('says of which value the timeline is, and leaves it', () => {
    const logs = new OpenLogs({ correlate: { field: 'order_id', value: '<i>42' } });
    expect(text('.chip.correlation')).toBe('Timeline of order_id = <i>42 Show All');
    expect(logs.find('.grid').classList.contains('correlates')).toBe(true);
    logs.find('.chip.correlation button').click();
    expect(views(logs)).toEqual([wholeView]);
  });

  it('keeps the line in sight when what is shown changes', async () => {
    const logs = new OpenLogs();
    await logs.tick({ end: 1000 });
    logs.page.take({ type: 'goTo', generation: 1, at: 500 });
    await logs.settle();
    choose('select.level', 'error');
    expect(logs.take('view').map(({ keep }) => keep)).toEqual([5500]);
  });

  it('asks for the histogram of the view that is shown, though an answer for the one before was due', () => {
    const logs = new OpenLogs();
    expect(logs.take('histogram')).toHaveLength(1);
    logs.page.take({ type: 'view', view: { ...wholeView, level: 'error' }, problems: {} });
    expect(logs.take('histogram')).toEqual([]);
    logs.page.take({ type: 'histogram', histogram: undefined });
    expect(logs.take('histogram')).toHaveLength(1);
    logs.page.take({ type: 'histogram', histogram: undefined });
    expect(logs.take('histogram')).toEqual([]);
  });

  it('tells the menus what it is of', async () => {
    const logs = new OpenLogs();
    const context = (target: HTMLElement) => JSON.parse(target.dataset['vscodeContext']!) as unknown;
    expect(context(document.body)).toEqual({ musterLogs: 7, preventDefaultContextMenuItems: true });
    await logs.tick({ end: 10 });
    expect(context(logs.grid)).toEqual({});
    await logs.press('End');
    expect(context(logs.grid)).toEqual({ webviewSection: 'logLine' });
  });
});
