import { beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import type { FromFlameGraph, ToFlameGraph } from '../../../../src/features/profiles/protocol/flameGraph';
import { showNote } from '../../../../src/features/profiles/webview/flameGraph/note';
import {
  chosenView,
  isPlace,
  isTyping,
  pointedFrame,
  reveal,
  rowFrame,
  selectedStack,
  shownProfile,
} from '../../../../src/features/profiles/webview/flameGraph/speedscope';
import { nextFrame } from '../../../shell/webview/layout';
import { type Drawn, drawSpeedscope } from './speedscopePage';

const find = <Found extends HTMLElement>(selector: string) => document.querySelector<Found>(selector)!;
const note = () => document.querySelector<HTMLElement>('#note');
const buttons = () => [...document.querySelectorAll<HTMLElement>('#note button')];

const stack: Drawn['stack'] = [
  ['parse', '/srv/parse.go:12:3'],
  ['main', '/srv/main.go:7'],
];
const frames = [
  { name: 'parse', file: '/srv/parse.go', line: 12, column: 3 },
  { name: 'main', file: '/srv/main.go', line: 7 },
];

describe('The note of a flame graph', () => {
  it('is said, with buttons, and makes room for itself', () => {
    const pressed: string[] = [];
    const resized = vi.fn();
    window.addEventListener('resize', resized);
    showNote('12 % is folded <b>', 'status', [{ label: 'Draw', press: () => pressed.push('draw') }], 'Close');
    expect(note()!.querySelector('[role=status]')!.textContent).toBe('12 % is folded <b>');
    expect(document.querySelector('b')).toBeNull();
    expect(document.body.firstElementChild).toBe(note());
    expect(resized).toHaveBeenCalledTimes(1);
    expect(buttons().map((button) => button.getAttribute('aria-label') ?? button.textContent)).toEqual([
      ...['Draw', 'Close'],
    ]);
    buttons()[0]!.click();
    expect(pressed).toEqual(['draw']);
    buttons()[1]!.click();
    expect(note()).toBeNull();
    expect(resized).toHaveBeenCalledTimes(2);
    window.removeEventListener('resize', resized);
  });

  it('is one: the next takes the place of the last, and none is there without text', () => {
    showNote('one', 'status', []);
    showNote('two', 'alert', []);
    expect(document.querySelectorAll('#note')).toHaveLength(1);
    expect(note()!.querySelector('[role=alert]')!.textContent).toBe('two');
    expect(note()!.querySelector('.codicon-error')!.getAttribute('aria-hidden')).toBe('true');
    showNote('', 'status', []);
    expect(note()).toBeNull();
  });
});

describe('What is known of the page of speedscope', () => {
  it('is the frames that are selected, with their places', () => {
    drawSpeedscope({ stack });
    expect(selectedStack()).toEqual(frames);
    drawSpeedscope({
      stack: [
        ['a (b)', ''],
        ['C::d', 'C:\\src\\d.cpp:4'],
      ],
    });
    expect(selectedStack()).toEqual([{ name: 'a (b)' }, { name: 'C::d', file: 'C:\\src\\d.cpp', line: 4 }]);
    drawSpeedscope({});
    expect(selectedStack()).toEqual([]);
  });

  it.each([
    ['app.pprof', undefined],
    ['cpu (1/3)', 0],
    ['f (x) (2/3)', 1],
  ])('is which profile is shown: %s', (title, index) => {
    drawSpeedscope({ title });
    expect(shownProfile()).toBe(index);
  });

  it('is the view that a click or a key chooses', () => {
    const root = drawSpeedscope({});
    const chosen: unknown[] = [];
    root.addEventListener('click', (event) => chosen.push(chosenView(event)));
    for (const tab of root.children[1]!.firstElementChild!.children) (tab as HTMLElement).click();
    root.querySelector('canvas')!.click();
    expect(chosen).toEqual(['time-ordered', 'left-heavy', 'sandwich', undefined]);
    const keys = ['1', '2', '3', '4'].map((key) => chosenView(new KeyboardEvent('keypress', { key })));
    expect(keys).toEqual(['time-ordered', 'left-heavy', 'sandwich', undefined]);
  });

  it('is whether one types', () => {
    const root = drawSpeedscope({});
    const heard: boolean[] = [];
    root.addEventListener('keypress', (event) => heard.push(isTyping(event)));
    for (const name of ['input', 'canvas'])
      root.querySelector(name)!.dispatchEvent(new KeyboardEvent('keypress', { key: '1', bubbles: true }));
    expect(heard).toEqual([true, false]);
  });

  it('is the frame of a line, of a row and of the tip that the pointer is on', () => {
    const table = [{ name: 'read', place: '/srv/read.go:3' }];
    const root = drawSpeedscope({ stack, table, tip: { name: 'write', place: '/srv/write.go:9' } });
    const place = [...root.querySelectorAll('span')].find(
      ({ textContent }) => textContent === ' (/srv/main.go:7)',
    )!;
    expect(isPlace(place)).toBe(true);
    expect(isPlace(root.querySelector('td'))).toBe(false);
    expect(pointedFrame(place)).toEqual(frames[1]);
    expect(rowFrame(root.querySelector('td'))).toEqual({ name: 'read', file: '/srv/read.go', line: 3 });
    expect(pointedFrame(root.querySelector('td'))).toEqual({ name: 'read', file: '/srv/read.go', line: 3 });
    expect(pointedFrame(root.querySelectorAll('canvas')[1]!)).toEqual({
      ...{ name: 'write', file: '/srv/write.go', line: 9 },
    });
    expect(pointedFrame(root.firstElementChild)).toBeUndefined();
    expect(pointedFrame(document.body)).toBeUndefined();
  });

  it('finds a function of the file in the sandwich, or the first of its name', async () => {
    const table = ['/srv/a.go', '/srv/b.go'].map((place) => ({ name: 'read', place }));
    const root = drawSpeedscope({ table });
    const clicked: string[] = [];
    const keys: string[] = [];
    const heard = ({ key }: KeyboardEvent) => void keys.push(key);
    window.addEventListener('keypress', heard);
    root.addEventListener('click', ({ target }) => {
      clicked.push((target as HTMLElement).querySelector('td[title]')!.getAttribute('title')!);
    });
    await reveal({ name: 'read', file: '/srv/b.go' });
    await reveal({ name: 'read', file: '/srv/elsewhere.go' });
    window.removeEventListener('keypress', heard);
    expect(clicked).toEqual(['/srv/b.go', '/srv/a.go']);
    expect(keys).toEqual(['3', '3']);
    expect(root.querySelector('input')!.value).toBe('read');
  });
});

describe('The page of a flame graph', () => {
  const sent: FromFlameGraph[] = [];
  let kept: unknown;
  let logged: MockInstance;
  const told = () => sent.splice(0);
  const take = (data: ToFlameGraph) => window.dispatchEvent(new MessageEvent('message', { data }));
  const profile: Extract<ToFlameGraph, { type: 'profile' }> = {
    ...{ type: 'profile', name: 'app.pprof', bytes: new Uint8Array([1, 2, 3]), wish: {} },
    ...{ note: '12 % is folded.', actions: [], offersTime: false },
    ...{ foldedName: '(narrow)', expandLabel: 'Draw What Is Folded', closeLabel: 'Close' },
  };
  const click = (target: Element, init: MouseEventInit = {}) => {
    const event = new MouseEvent('click', { bubbles: true, cancelable: true, ...init });
    target.dispatchEvent(event);
    return event.defaultPrevented;
  };

  beforeAll(async () => {
    logged = vi.spyOn(console, 'log').mockReturnValue();
    vi.stubGlobal('acquireVsCodeApi', () => ({
      postMessage: (message: FromFlameGraph) => void sent.push(message),
      getState: () => ({ view: 'sandwich', wish: { inTime: true } }),
      setState: (state: unknown) => void (kept = state),
    }));
    await import('../../../../src/features/profiles/webview/flameGraph/page');
  });
  beforeEach(() => {
    sent.length = 0;
  });

  it('asks for what it drew before it was loaded again, as wide as it is', () => {
    expect(location.hash).toBe('#view=sandwich');
    window.dispatchEvent(new Event('partsloaded'));
    expect(told()).toEqual([{ type: 'ready', wish: { inTime: true }, width: 2000 }]);
  });

  it('hands the profile to speedscope, says the note, and keeps what it drew', async () => {
    const dropped: File[] = [];
    drawSpeedscope({}).addEventListener('drop', (event) => dropped.push(...event.dataTransfer!.files));
    const wish = { label: { key: 'tenant', value: 'a' } };
    take({ ...profile, wish, actions: [{ label: 'Draw All', wish: {} }] });
    await nextFrame();
    expect(dropped.map(({ name, size }) => `${name} ${size}`)).toEqual(['app.pprof 3']);
    expect(document.body.dataset['drawn']).toBe('');
    expect(note()!.querySelector('[role=status]')!.textContent).toBe('12 % is folded.');
    expect(kept).toEqual({ view: 'sandwich', wish });
    buttons()[0]!.click();
    expect(told()).toEqual([{ type: 'draw', wish: {}, width: 2000 }]);
  });

  it('says an error in place of the graph', () => {
    drawSpeedscope({});
    document.body.dataset['drawn'] = '';
    take({ type: 'error', message: 'app.pprof is cut off <b>' });
    expect(note()!.querySelector('[role=alert]')!.textContent).toBe('app.pprof is cut off <b>');
    expect(document.body.dataset['drawn']).toBeUndefined();
  });

  it('tells the editor what speedscope cannot do', () => {
    window.alert('too large');
    console.log('Failed to load format', new Error('no samples'));
    expect(logged).toHaveBeenCalledTimes(1);
    expect(told()).toEqual([
      { type: 'failed', message: 'too large' },
      { type: 'failed', message: 'no samples' },
    ]);
  });

  it('opens the source of a place that is clicked, beside with Alt, and of a frame with Ctrl', () => {
    const root = drawSpeedscope({ stack, table: [{ name: 'read', place: '/srv/read.go:3' }] });
    const place = [...root.querySelectorAll('span')].find(({ textContent }) =>
      textContent.startsWith(' (/srv/main'),
    )!;
    expect(click(place)).toBe(true);
    expect(click(place, { altKey: true })).toBe(true);
    expect(click(root.querySelector('td')!, { ctrlKey: true })).toBe(true);
    expect(click(root.querySelector('td')!)).toBe(false);
    const read = { name: 'read', file: '/srv/read.go', line: 3 };
    expect(told()).toEqual([
      { type: 'open', frame: frames[1], beside: false },
      { type: 'open', frame: frames[1], beside: true },
      { type: 'open', frame: read, beside: false },
    ]);
    drawSpeedscope({});
    take({ type: 'openSelected' });
    expect(told()).toEqual([{ type: 'open', frame: read, beside: false }]);
  });

  it('opens the frame that is selected, and says when none is', () => {
    const root = drawSpeedscope({ stack });
    take({ type: 'openSelected' });
    expect(told()).toEqual([{ type: 'open', frame: frames[0], beside: false }]);
    // Another view has no row that was chosen.
    click(root.children[1]!.firstElementChild!.children[1]!);
    drawSpeedscope({});
    take({ type: 'openSelected' });
    take({ type: 'expandSelected' });
    expect(told()).toEqual([
      { type: 'nothingSelected', wanted: 'frame' },
      { type: 'nothingSelected', wanted: 'folded' },
    ]);
    expect(kept).toMatchObject({ view: 'left-heavy' });
  });

  it('draws what is folded in the frame that is selected, outermost first', async () => {
    drawSpeedscope({});
    take(profile);
    const root = drawSpeedscope({ stack: [['(narrow)', ''], ...stack], title: 'cpu (2/3)' });
    click(root.querySelector('canvas')!);
    for (let frame = 0; frame < 3; frame++) await nextFrame();
    expect(kept).toMatchObject({ profile: 1 });
    expect(buttons()[0]!.textContent).toBe('Draw What Is Folded');
    buttons()[0]!.click();
    expect(told()).toEqual([{ type: 'draw', wish: { below: [...frames].reverse() }, width: 2000 }]);
  });

  it('asks for the order of time where the file has one', () => {
    const root = drawSpeedscope({});
    const tab = root.children[1]!.firstElementChild!.firstElementChild!;
    take(profile);
    click(tab);
    expect(told()).toEqual([]);
    take({ ...profile, offersTime: true });
    click(tab);
    expect(told()).toEqual([{ type: 'draw', wish: { inTime: true }, width: 2000 }]);
  });

  it('hands what speedscope would download to the editor', async () => {
    const root = drawSpeedscope({});
    const link = document.createElement('a');
    Object.assign(link, { download: 'app.json', href: 'data:application/json,%7B%7D' });
    root.append(link);
    expect(click(link)).toBe(true);
    await vi.waitFor(() => expect(sent).not.toEqual([]));
    expect(told()).toEqual([{ type: 'export', name: 'app.json', text: '{}' }]);
  });

  it('tells speedscope the theme of the editor, and when it changes', async () => {
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const heard: boolean[] = [];
    dark.addEventListener('change', ({ matches }) => heard.push(matches));
    for (const kind of [
      'vscode-light',
      'vscode-dark',
      'vscode-high-contrast',
      'vscode-high-contrast-light',
    ]) {
      document.body.dataset['vscodeThemeKind'] = kind;
      document.body.className = kind;
      await nextFrame();
    }
    expect(heard).toEqual([false, true, true, false]);
    expect(dark.matches).toBe(false);
    expect(find('body').className).toBe('vscode-high-contrast-light');
  });
});
