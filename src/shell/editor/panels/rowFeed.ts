import { z } from 'zod';
import type { RowNews, RowRequests, RowStatus } from '../../protocol/rows';
import { requests, type Schemas, type ServedRequests } from './pageRequests';

/** Milliseconds between two ticks, at least; and when nothing changes, since a status may say how long ago something was. */
const tickMs = 100;
const idleTickMs = 1000;
/** Rows that are told at once, at most. */
const mostRows = 400;

/** Places may be below 0: older rows can be found after newer ones. */
export const rangeSchema = z.object({ generation: z.int(), from: z.int(), to: z.int() });

const schemas: Schemas<RowRequests<unknown>> = {
  ready: z.object({}),
  drawn: z.object({ newest: z.int().nonnegative() }),
  rows: rangeSchema,
};

/** The rows of a panel, as its page is told of them. */
export interface RowSource<Row, Status extends RowStatus> {
  /** What the page begins with, beside its state. */
  begin: () => object;
  /** What the page keeps for a reload of the window. */
  state: () => object;
  /** Of the rows as they are now. */
  generation: () => number;
  /** How they are now. `newest`: how many of the newest rows are told with it. */
  status: (newest: number) => Status | Promise<Status>;
  /** The rows at the places `from` up to, but without, `to`, as far as they are there. */
  rows: (from: number, to: number) => Row[] | Promise<Row[]>;
  /** After the page was told of a status. */
  told?: (status: Status) => void | Promise<void>;
}

/**
 * Tells a page of rows: ten times a second at most, and only once it has drawn what it was told before. The page gets the
 * rows that fit on it and asks for others; what rows come from waits for neither.
 */
export class RowFeed<Row, Status extends RowStatus> {
  /** Whether there is a page that listens. */
  private isReady = false;
  private isDrawing = false;
  private isDirty = true;
  private newest = 0;
  private toldAt = -Infinity;
  private toldState = '';
  /** Grows with each page: what was begun for the one before is not told to this one. */
  private page = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  readonly requests: ServedRequests;

  constructor(
    private readonly source: RowSource<Row, Status>,
    private readonly post: (message: object) => void,
    private readonly failed: (error: unknown) => void,
  ) {
    this.requests = requests<RowRequests<unknown>>(schemas, {
      ready: () => this.begin(),
      drawn: ({ newest }) => {
        this.newest = Math.min(newest, mostRows);
        this.isDrawing = false;
        this.schedule();
      },
      rows: async ({ generation, from, to }) => {
        if (generation !== source.generation()) return;
        const rows = await source.rows(from, Math.min(to, from + mostRows));
        return generation === source.generation() ? { generation, rows } : undefined;
      },
    });
  }

  /** Something is to be told with the next tick. */
  changed(): void {
    if (this.isDirty) return;
    this.isDirty = true;
    this.schedule();
  }

  /** What the page knows of its rows is no longer so. */
  renew(): void {
    this.report({ type: 'stale' });
    this.changed();
  }

  /** Shows and chooses the row at a place. */
  goTo(at: number): void {
    this.report({ type: 'goTo', generation: this.source.generation(), at });
  }

  /** Tells a page that is there; one that comes later begins with all that it needs. */
  tell(message: { type: string }): void {
    if (this.isReady) this.post(message);
  }

  /** The page is gone; it says when it is back. */
  leave(): void {
    this.isReady = false;
    clearTimeout(this.timer);
  }

  private begin(): void {
    const state = this.source.state();
    this.page++;
    this.isReady = true;
    this.isDirty = true;
    this.toldAt = -Infinity;
    this.toldState = JSON.stringify(state);
    const beginning = { type: 'begin', ...this.source.begin(), state };
    this.tell(beginning);
    // It says how many rows fit on it.
    this.isDrawing = true;
  }

  private report(news: RowNews<Row, Status>): void {
    this.tell(news);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (!this.isReady || this.isDrawing) return;
    const rest = this.isDirty ? tickMs : idleTickMs;
    this.timer = setTimeout(() => void this.tick(), Math.max(0, this.toldAt + rest - performance.now()));
  }

  private async tick(): Promise<void> {
    const { source, page, newest } = this;
    this.isDrawing = true;
    this.isDirty = false;
    this.toldAt = performance.now();
    let isTold = false;
    try {
      const status = await source.status(newest);
      const rows = await this.newestRows(status, newest);
      if (page !== this.page) return;
      this.report({ type: 'tick', status, newest: rows, ...this.changedState() });
      isTold = true;
      await source.told?.(status);
    } catch (error) {
      this.failed(error);
      if (isTold || page !== this.page) return;
      this.isDrawing = false;
      this.schedule();
    }
  }

  /** Rows that cannot be had are left out: the page asks for them, and is answered with why. */
  private async newestRows({ generation, first, end }: Status, newest: number): Promise<Row[]> {
    const from = Math.max(first, end - newest);
    if (from >= end) return [];
    const rows = await Promise.resolve(this.source.rows(from, end)).catch(() => []);
    return generation === this.source.generation() ? rows : [];
  }

  private changedState(): { state?: object } {
    const state = this.source.state();
    const text = JSON.stringify(state);
    if (text === this.toldState) return {};
    this.toldState = text;
    return { state };
  }
}
