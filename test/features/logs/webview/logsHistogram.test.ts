import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LogHistogram, logLevels } from '../../../../src/features/logs/protocol/logsPanel';
import { boxesOn, resize } from '../../../shell/webview/layout';
import { OpenLogs, words } from './openLogs';

const noon = Date.UTC(2026, 10, 26, 12);
/** Ten seconds with as many lines of information as their number; the fifth has two errors, too. */
const tenSeconds: LogHistogram = {
  ...{ from: noon, bucketMs: 1000 },
  counts: [...logLevels, 'none'].map((level) =>
    Array.from({ length: 10 }, (_, second) =>
      level === 'info' ? second : level === 'error' && second === 5 ? 2 : 0,
    ),
  ),
};

function opened(histogram: LogHistogram | undefined = tenSeconds): OpenLogs {
  const logs = new OpenLogs();
  logs.page.take({ type: 'histogram', histogram });
  logs.take('view');
  return logs;
}

const chart = () => document.querySelector<HTMLElement>('.histogram')!;
const told = () => chart().querySelector('[role=status]')!.textContent;
const chosen = () => chart().querySelector<HTMLElement>('.chosen')!;
const zooms = (logs: OpenLogs) => logs.take('view').map(({ view: { from, to } }) => ({ from, to }));

function pointer(type: string, bucket: number, init: PointerEventInit = {}): void {
  chart().dispatchEvent(
    new PointerEvent(type, { clientX: bucket * 50 + 10, pointerId: 1, button: 0, ...init }),
  );
}

describe('The histogram', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: noon + 3_600_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks for as many bars as fit', () => {
    const logs = new OpenLogs();
    expect(logs.take('histogram')).toEqual([{ type: 'histogram', buckets: 100 }]);
    resize('.histogram', { width: 20, height: 40 });
    const narrow = new OpenLogs();
    expect(narrow.take('histogram')).toEqual([{ type: 'histogram', buckets: 10 }]);
  });

  it('asks for one at a time, and none while it is not shown', async () => {
    const logs = new OpenLogs();
    for (let tick = 0; tick < 3; tick++) await logs.tick({ end: tick });
    expect(logs.take('histogram')).toHaveLength(1);
    const without = new OpenLogs({}, { hasHistogram: false });
    expect(without.take('histogram')).toEqual([]);
    expect(chart().hidden).toBe(true);
  });

  it('draws a bar for each time and level, the gravest at the bottom', () => {
    opened();
    const boxes = boxesOn(chart().querySelector('canvas')!);
    // Nine seconds with information, one of them with errors.
    expect(boxes).toHaveLength(10);
    const [errors, information] = boxes.filter(({ box }) => box[0] === 250);
    expect(errors!.box[1]! + errors!.box[3]!).toBe(40);
    expect(information!.box[1]! + information!.box[3]!).toBe(errors!.box[1]);
    const tallest = boxes.find(({ box }) => box[0] === 450)!;
    expect(tallest.box).toEqual([450, 2, 49, 38]);
  });

  it('is empty without lines', () => {
    const logs = opened();
    logs.page.take({ type: 'histogram', histogram: undefined });
    expect(boxesOn(chart().querySelector('canvas')!)).toEqual([]);
    expect(chosen().hidden).toBe(true);
    logs.type(chart(), 'ArrowLeft');
    expect(told()).toBe('');
  });

  it('says of what is pointed at when it was, how many lines it has and of which levels', () => {
    opened();
    pointer('pointermove', 5);
    expect(told()).toBe('12:00:05.000Z to 12:00:06.000Z: 7 lines (error 2, information 5)');
    expect(chosen().style.left).toBe('250px');
    expect(chosen().style.width).toBe('50px');
    pointer('pointermove', 0);
    expect(told()).toBe('12:00:00.000Z to 12:00:01.000Z: no lines');
    pointer('pointerleave', 5);
    expect(told()).toBe('');
    expect(chosen().hidden).toBe(true);
  });

  it('shows the lines of the range that is dragged over, in either direction', () => {
    const logs = opened();
    for (const [from, to] of [
      [2, 4],
      [4, 2],
    ] as const) {
      pointer('pointerdown', from);
      pointer('pointermove', to);
      expect(told()).toBe('12:00:02.000Z to 12:00:05.000Z: 9 lines (information 9)');
      expect(chosen().style.width).toBe('150px');
      pointer('pointerup', to);
      expect(zooms(logs)).toEqual([{ from: noon + 2000, to: noon + 5000 }]);
      expect(told()).toBe('');
    }
  });

  it('keeps the range within its bars when one drags beyond the edges', () => {
    const logs = opened();
    pointer('pointerdown', 7);
    pointer('pointerleave', 12);
    pointer('pointermove', 12);
    pointer('pointerup', 12);
    expect(zooms(logs)).toEqual([{ from: noon + 7000, to: noon + 10_000 }]);
  });

  it('does nothing for a click, shows all for a double click, and leaves other buttons alone', () => {
    const logs = opened();
    pointer('pointerdown', 3);
    pointer('pointerup', 3);
    pointer('pointerdown', 3, { button: 2 });
    pointer('pointermove', 6);
    pointer('pointerup', 6);
    expect(zooms(logs)).toEqual([]);
    chart().dispatchEvent(new MouseEvent('dblclick'));
    expect(zooms(logs)).toEqual([{ from: undefined, to: undefined }]);
  });

  it('chooses nothing more once a drag was cancelled', () => {
    const logs = opened();
    pointer('pointerdown', 3);
    pointer('pointercancel', 3);
    pointer('pointermove', 6);
    pointer('pointerup', 6);
    expect(zooms(logs)).toEqual([]);
  });

  it('is worked by keyboard: arrows move, Shift chooses, Enter shows, Escape shows all', () => {
    const logs = opened();
    const press = (key: string, shiftKey = false) => {
      expect(logs.type(chart(), key, { shiftKey }).defaultPrevented).toBe(true);
      return told();
    };
    expect(press('ArrowLeft')).toMatch(/^12:00:09\.000Z to 12:00:10/);
    expect(press('PageUp')).toMatch(/^12:00:00\.000Z to 12:00:01/);
    expect(press('ArrowRight')).toMatch(/^12:00:01\.000Z to 12:00:02/);
    expect(press('ArrowRight', true)).toMatch(/^12:00:01\.000Z to 12:00:03/);
    expect(press('End', true)).toMatch(/^12:00:01\.000Z to 12:00:10/);
    press('Enter');
    expect(zooms(logs)).toEqual([{ from: noon + 1000, to: noon + 10_000 }]);
    press('Escape');
    expect(zooms(logs)).toEqual([{ from: undefined, to: undefined }]);
  });

  it('is a slider for screen readers, with its place and in words what is there', () => {
    const logs = opened();
    const values = () =>
      ['aria-valuemin', 'aria-valuemax', 'aria-valuenow', 'aria-valuetext'].map((name) =>
        chart().getAttribute(name),
      );
    expect(chart().getAttribute('role')).toBe('slider');
    expect(chart().getAttribute('aria-label')).toBe('Lines over Time');
    expect(chart().title).toBe(words.histogramKeyboard);
    expect(values()).toEqual(['0', '9', '9', '']);
    logs.type(chart(), 'Home');
    logs.type(chart(), 'ArrowRight');
    expect(values()).toEqual(['0', '9', '1', '12:00:01.000Z to 12:00:02.000Z: 1 lines (information 1)']);
  });

  it('keeps the times that were chosen when later lines move the bars', () => {
    const logs = opened();
    logs.type(chart(), 'Home');
    logs.type(chart(), 'ArrowRight', { shiftKey: true });
    logs.type(chart(), 'ArrowRight');
    logs.type(chart(), 'ArrowRight', { shiftKey: true });
    expect(told()).toMatch(/^12:00:02\.000Z to 12:00:04\.000Z: 5 lines/);
    const counts = tenSeconds.counts.map((ofLevel) => [...ofLevel.slice(1), 0]);
    logs.page.take({ type: 'histogram', histogram: { from: noon + 1000, bucketMs: 1000, counts } });
    expect(told()).toMatch(/^12:00:02\.000Z to 12:00:04\.000Z: 5 lines/);
    expect(chosen().style.left).toBe('50px');
    logs.type(chart(), 'Enter');
    expect(zooms(logs)).toEqual([{ from: noon + 2000, to: noon + 4000 }]);
  });

  it('has nothing chosen when the times that were chosen are no longer there', () => {
    const logs = opened();
    logs.type(chart(), 'Home');
    logs.page.take({ type: 'histogram', histogram: { ...tenSeconds, from: noon + 60_000 } });
    expect(told()).toBe('');
    expect(chosen().hidden).toBe(true);
    logs.type(chart(), 'Enter');
    expect(zooms(logs)).toEqual([]);
  });

  it('tells times as the time column does', () => {
    const logs = opened();
    logs.page.take({
      type: 'look',
      look: { wraps: false, isRaw: false, time: 'local', hasLegend: true, hasHistogram: true },
    });
    pointer('pointermove', 5);
    expect(told()).not.toContain('Z');
  });
});
