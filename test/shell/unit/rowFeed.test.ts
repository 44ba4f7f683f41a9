import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RowFeed, type RowSource } from '../../../src/shell/editor/panels/rowFeed';
import type { RowStatus } from '../../../src/shell/protocol/rows';

type Row = { at: number };
type Told = { type: string; [key: string]: unknown };

/** A panel of numbered rows, and a page that draws when the test says so. */
class Panel implements RowSource<Row, RowStatus> {
  readonly posted: Told[] = [];
  readonly failures: unknown[] = [];
  readonly shown = { generation: 1, first: 0, end: 0, filter: '' };
  readonly asked: [number, number][] = [];
  status = (): RowStatus | Promise<RowStatus> => {
    const { generation, first, end } = this.shown;
    return { generation, first, end };
  };
  rows = (from: number, to: number): Row[] | Promise<Row[]> => {
    this.asked.push([from, to]);
    return Array.from({ length: to - from }, (_, index) => ({ at: from + index }));
  };
  told = (): void | Promise<void> => {};
  begin = () => ({ words: 'words' });
  state = () => ({ filter: this.shown.filter });
  generation = () => this.shown.generation;
  readonly feed = new RowFeed<Row, RowStatus>(
    this,
    (message) => this.posted.push(message as Told),
    (error) => this.failures.push(error),
  );

  /** The page asks; resolves with the answer. */
  async ask(type: string, args: object = {}): Promise<object | void> {
    const read = this.feed.requests.get(type)!({ type, ...args });
    if (!read.isSound) throw new Error(read.why);
    return read.answer();
  }

  /** A page that is loaded, and has room for ten rows. */
  async open(): Promise<void> {
    await this.ask('ready');
    await this.ask('drawn', { newest: 10 });
    await vi.advanceTimersByTimeAsync(0);
  }

  add(rows: number): void {
    this.shown.end += rows;
    this.feed.changed();
  }

  get types(): string[] {
    return this.posted.map(({ type }) => type);
  }

  ticks(): Told[] {
    return this.posted.filter(({ type }) => type === 'tick');
  }
}

describe('What the page of a panel of rows is told', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('begins with the words and the state, then has the newest rows that fit', async () => {
    const panel = new Panel();
    panel.shown.end = 100;
    await panel.ask('ready');
    expect(panel.posted).toEqual([{ type: 'begin', words: 'words', state: { filter: '' } }]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(panel.types).toEqual(['begin']);
    await panel.ask('drawn', { newest: 10 });
    await vi.advanceTimersByTimeAsync(0);
    expect(panel.ticks()).toEqual([
      { type: 'tick', status: { generation: 1, first: 0, end: 100 }, newest: await panel.rows(90, 100) },
    ]);
  });

  it('comes ten times a second at most, whatever comes in', async () => {
    const panel = new Panel();
    await panel.open();
    const before = panel.ticks().length;
    for (let ms = 0; ms < 3000; ms++) {
      panel.add(50);
      await vi.advanceTimersByTimeAsync(1);
      if (panel.types.at(-1) === 'tick') await panel.ask('drawn', { newest: 10 });
    }
    expect(panel.ticks().length - before).toBeGreaterThanOrEqual(28);
    expect(panel.ticks().length - before).toBeLessThanOrEqual(30);
  });

  it('waits until the page has drawn, and then says how it is in the end', async () => {
    const panel = new Panel();
    await panel.open();
    for (let at = 0; at < 100; at++) {
      panel.add(10);
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(panel.ticks()).toHaveLength(1);
    await panel.ask('drawn', { newest: 10 });
    await vi.advanceTimersByTimeAsync(0);
    expect(panel.ticks()).toHaveLength(2);
    expect(panel.ticks().at(-1)).toMatchObject({ status: { end: 1000 } });
  });

  it('has what changed while a status was being made', async () => {
    const panel = new Panel();
    await panel.open();
    await panel.ask('drawn', { newest: 10 });
    const { status } = panel;
    panel.status = async () => {
      const found = status();
      panel.add(5);
      return found;
    };
    panel.add(1);
    await vi.advanceTimersByTimeAsync(100);
    panel.status = status;
    expect(panel.ticks().at(-1)).toMatchObject({ status: { end: 1 } });
    await panel.ask('drawn', { newest: 10 });
    await vi.advanceTimersByTimeAsync(100);
    expect(panel.ticks().at(-1)).toMatchObject({ status: { end: 6 } });
  });

  it('is a tick each second where nothing changes, for what is said of time', async () => {
    const panel = new Panel();
    await panel.open();
    await panel.ask('drawn', { newest: 10 });
    await vi.advanceTimersByTimeAsync(999);
    expect(panel.ticks()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(panel.ticks()).toHaveLength(2);
  });

  it('has the state for a reload where that has changed', async () => {
    const panel = new Panel();
    await panel.open();
    await panel.ask('drawn', { newest: 10 });
    panel.shown.filter = 'x';
    await vi.advanceTimersByTimeAsync(1000);
    await panel.ask('drawn', { newest: 10 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(panel.ticks().map(({ state }) => state)).toEqual([undefined, { filter: 'x' }, undefined]);
  });

  it('is nothing while the page is hidden, and begins again when it is back', async () => {
    const panel = new Panel();
    await panel.open();
    panel.feed.leave();
    const before = panel.posted.length;
    panel.add(100);
    panel.feed.goTo(5);
    panel.feed.renew();
    await vi.advanceTimersByTimeAsync(5000);
    expect(panel.posted).toHaveLength(before);
    panel.shown.filter = 'y';
    await panel.open();
    expect(panel.posted.slice(before)).toMatchObject([
      { type: 'begin', state: { filter: 'y' } },
      { type: 'tick', status: { end: 100 } },
    ]);
  });

  it('is not a status that was being made for the page before', async () => {
    const panel = new Panel();
    const made: ((status: RowStatus) => void)[] = [];
    panel.status = () => new Promise((done) => made.push(done));
    await panel.open();
    panel.feed.leave();
    await panel.ask('ready');
    made[0]!({ generation: 1, first: 0, end: 7 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(panel.types).toEqual(['begin', 'begin']);
  });

  it('has no rows of another view than that of the status', async () => {
    const panel = new Panel();
    panel.shown.end = 100;
    const { rows } = panel;
    panel.rows = async (from, to) => {
      panel.shown.generation = 2;
      return rows(from, to);
    };
    await panel.open();
    expect(panel.ticks()[0]).toMatchObject({ status: { generation: 1 }, newest: [] });
  });

  it('goes on after a status that failed', async () => {
    const panel = new Panel();
    const { status } = panel;
    const failure = new Error('gone');
    panel.status = () => Promise.reject(failure);
    await panel.open();
    expect(panel.failures).toEqual([failure]);
    panel.status = status;
    await vi.advanceTimersByTimeAsync(1000);
    expect(panel.ticks()).toHaveLength(1);
  });

  it('waits for the page though what follows a tick failed', async () => {
    const panel = new Panel();
    const failure = new Error('gone');
    panel.told = () => Promise.reject(failure);
    await panel.open();
    panel.add(5);
    await vi.advanceTimersByTimeAsync(5000);
    expect(panel.failures).toEqual([failure]);
    expect(panel.ticks()).toHaveLength(1);
  });
});

describe('The rows that a page asks for', () => {
  it('are at most 400, and those of this view', async () => {
    const panel = new Panel();
    panel.shown.end = 5000;
    expect(await panel.ask('rows', { generation: 1, from: -20, to: 5000 })).toMatchObject({ generation: 1 });
    expect(panel.asked).toEqual([[-20, 380]]);
    expect(await panel.ask('rows', { generation: 0, from: 0, to: 10 })).toBeUndefined();
    expect(panel.asked).toHaveLength(1);
  });

  it('are not answered where the view changed meanwhile', async () => {
    const panel = new Panel();
    panel.rows = async () => {
      panel.shown.generation++;
      return [];
    };
    expect(await panel.ask('rows', { generation: 1, from: 0, to: 10 })).toBeUndefined();
  });

  it('are told with a tick in no greater number, whatever room the page says that it has', async () => {
    vi.useFakeTimers();
    const panel = new Panel();
    panel.shown.end = 1_000_000;
    await panel.ask('ready');
    await panel.ask('drawn', { newest: 1_000_000 });
    await vi.advanceTimersByTimeAsync(0);
    vi.useRealTimers();
    expect(panel.asked).toEqual([[999_600, 1_000_000]]);
    await expect(panel.ask('drawn', { newest: -1 })).rejects.toThrow();
  });
});
