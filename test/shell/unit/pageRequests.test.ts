import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Logger } from '../../../src/platform/host/host';
import { silentLogger } from '../../../src/platform/host/host';
import { logRequests } from '../../../src/features/logs/editor/panel/logRequests';
import { requests, type Schemas, serveRequests } from '../../../src/shell/editor/panels/pageRequests';
import type { Handlers } from '../../../src/shell/protocol/requests';

interface Asked {
  read: { args: { from: number; to: number }; result: { rows: number[] } };
  write: { args: { text: string }; result: void };
}

const schemas: Schemas<Asked> = {
  read: z.object({ from: z.int(), to: z.int() }),
  write: z.object({ text: z.string() }),
};

/** A webview whose page is the test. */
class Page {
  readonly told: unknown[] = [];
  readonly written: string[] = [];
  readonly warned: string[] = [];
  readonly failures: unknown[] = [];
  private listener: ((message: unknown) => unknown) | undefined;

  constructor(
    private readonly handlers: Handlers<Asked> = {
      read: ({ from, to }) => ({ rows: [from, to] }),
      write: ({ text }) => void this.written.push(text),
    },
  ) {
    const logger: Logger = { ...silentLogger, warn: (text) => this.warned.push(text) };
    const webview = {
      onDidReceiveMessage: (listener: (message: unknown) => unknown) => {
        this.listener = listener;
        return { dispose: () => (this.listener = undefined) };
      },
      postMessage: async (message: unknown) => this.told.push(message) > 0,
    };
    this.serving = serveRequests(webview, requests<Asked>(schemas, this.handlers), {
      ...{ name: 'page', logger, failed: (error: unknown) => this.failures.push(error) },
    });
  }

  readonly serving: { dispose(): void };

  async post(message: unknown): Promise<void> {
    this.listener?.(message);
    await setImmediate();
  }
}

describe('The requests of a page', () => {
  it('are answered under their name, and not at all where there is no answer', async () => {
    const page = new Page();
    await page.post({ type: 'read', from: 1, to: 3 });
    await page.post({ type: 'write', text: 'x' });
    expect(page.told).toEqual([{ type: 'read', rows: [1, 3] }]);
    expect(page.written).toEqual(['x']);
  });

  it.each([
    ['that is unknown', { type: 'erase' }, '“erase” is not a request'],
    ['named as what every object has', { type: 'constructor' }, '“constructor” is not a request'],
    ['named as the prototype', { type: '__proto__' }, '“__proto__” is not a request'],
    ['without a type', { text: 'x' }, 'it has no type'],
    ['whose type is not text', { type: ['write'], text: 'x' }, 'it has no type'],
    ['that is nothing', null, 'it has no type'],
    ['that is text', 'write', 'it has no type'],
    ['without its args', { type: 'write' }, 'write: text: '],
    ['with args of another type', { type: 'write', text: { toString: 'x' } }, 'write: text: '],
    ['with a number that is none', { type: 'read', from: 0, to: Number.NaN }, 'read: to: '],
  ])('%s is refused, which the log says', async (_, message, why) => {
    const page = new Page();
    await page.post(message);
    expect(page.told).toEqual([]);
    expect(page.written).toEqual([]);
    expect(page.warned).toEqual([expect.stringContaining(`page: refused a message of the page: ${why}`)]);
  });

  it('that are refused do not flood the log, nor write into it what they like', async () => {
    const page = new Page();
    await page.post({ type: `\x1b[31m${'x'.repeat(10_000)}\n[error] forged` });
    for (let at = 0; at < 100; at++) await page.post({ type: 'erase' });
    expect(page.warned).toHaveLength(1);
    expect(page.warned[0]).toMatch(/^[^\x00-\x1f]{1,260}$/);
    await page.post({ type: 'write', text: 'still answered' });
    expect(page.written).toEqual(['still answered']);
  });

  it('hand on what they declare, and nothing beside it', async () => {
    const args: object[] = [];
    const page = new Page({ read: () => ({ rows: [] }), write: (given) => void args.push(given) });
    await page.post({ type: 'write', text: 'x', admin: true });
    expect(args).toEqual([{ text: 'x' }]);
  });

  it('that fail are reported, and the next one is answered', async () => {
    const failure = new Error('closed');
    const page = new Page({ read: () => Promise.reject(failure), write: () => {} });
    await page.post({ type: 'read', from: 1, to: 2 });
    expect(page.failures).toEqual([failure]);
    expect(page.told).toEqual([]);
  });

  it('are no longer answered once that is disposed', async () => {
    const page = new Page();
    page.serving.dispose();
    await page.post({ type: 'write', text: 'x' });
    expect(page.written).toEqual([]);
  });
});

/** These do not run: that they have no error of type would be one. */
export const mistakes = [
  // @ts-expect-error -- nothing answers `write`
  () => requests<Asked>(schemas, { read: ({ from }) => ({ rows: [from] }) }),
  () =>
    requests<Asked>(schemas, {
      write: () => {},
      // @ts-expect-error -- the answer has no rows
      read: () => ({ lines: [] }),
    }),
  () =>
    requests<Asked>(schemas, {
      read: () => ({ rows: [] }),
      // @ts-expect-error -- the args have no path
      write: ({ path }) => path,
    }),
  // @ts-expect-error -- nothing reads the args of `write`
  (): Schemas<Asked> => ({ read: schemas.read }),
  // @ts-expect-error -- `to` is not read
  (): Schemas<Asked> => ({ ...schemas, read: z.object({ from: z.int() }) }),
];

describe('What the page of logs may ask', () => {
  const view = {
    ...{ include: { text: '', isRegex: false }, exclude: { text: '', isRegex: false }, fields: '' },
    ...{ hiddenHosts: [], hiddenSources: [], highlight: { text: '', isRegex: false } },
  };

  it.each([
    ['view', { view }],
    [
      'view',
      { view: { ...view, level: 'warn', from: 1.5, correlate: { field: 'id', value: '1' } }, keep: 7 },
    ],
    ['lines', { action: 'copy', id: 5, generation: 1, from: -3, to: 4 }],
    ['find', { what: 'match', at: -1, direction: -1 }],
  ] as const)('is %s with %o', (name, args) => {
    expect(logRequests[name].safeParse(args)).toMatchObject({ success: true });
  });

  it.each([
    ['view', { view: { ...view, level: 'loud' } }],
    ['view', { view: { ...view, hiddenHosts: [{}] } }],
    ['lines', { action: 'delete', id: 5, generation: 1, from: 0, to: 4 }],
    ['lines', { action: 'copy', id: 5, generation: 1, from: 0, to: 1e300 }],
    ['panel', { action: 'muster.runCommand' }],
    ['find', { what: 'match', at: 1, direction: 2 }],
  ] as const)('is not %s with %o', (name, args) => {
    expect(logRequests[name].safeParse(args).success).toBe(false);
  });
});
