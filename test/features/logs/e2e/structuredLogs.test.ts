import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { panelFrame } from '../../../harness/panelFrame';
import { until } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';

const line = (second: number, level: string, message: string, fields: object) =>
  JSON.stringify({
    time: `2026-11-30T22:01:${String(second).padStart(2, '0')}.000Z`,
    level,
    ...{ service: 'checkout', request_id: '7f3b2c9e-6a51-4a0e-9d63-0c6c1d7a54e2', region: 'eu-central-1' },
    ...fields,
    message,
  });

/** Of the page, which these tests do not run in. */
interface DrawnElement {
  parentElement: DrawnElement | null;
}
declare const getComputedStyle: (element: unknown) => { color: string; backgroundColor: string };

describe(`Structured lines in the logs panel, in VS Code ${inject('vscodeVersion')}`, () => {
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    folder = await scratchFolder({
      'app.jsonl': [
        line(1, 'info', 'order served to "Jane"', { status: 200, user: { id: 7 } }),
        line(2, 'warn', 'payment is slow', { took_ms: 4200 }),
        line(3, 'error', 'payment failed', { status: 502, error: 'connection refused by 10.0.0.7:5432' }),
        'time=2026-11-30T22:01:04Z level=debug msg="cache miss" key=cart:42',
        '2026-11-30T22:01:05Z INFO a line of text with msg=none',
        '',
      ].join('\n'),
    });
    workbench = await openMuster(folder.path);
    await workbench.openFile('app.jsonl');
    const lines = panel().locator('.row.line');
    await workbench.chooseFrom('View: Reopen Editor With...', 'Log', lines);
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const panel = () => panelFrame(workbench);
  const texts = () => panel().locator('.row.line .text').allInnerTexts();
  const textsWhen = (what: string, begins: string) =>
    until(what, async () => {
      const all = await texts().catch(() => []);
      return all.length === 5 && all[0]!.startsWith(begins) ? all : undefined;
    });
  const rest = 'service=checkout request_id=7f3b2c9e-6a51-4a0e-9d63-0c6c1d7a54e2 region=eu-central-1';
  const read = [
    `order served to "Jane"  ${rest} status=200 user={"id":7}`,
    `payment is slow  ${rest} took_ms=4200`,
    `payment failed  ${rest} status=502 error="connection refused by 10.0.0.7:5432"`,
    'cache miss  key=cart:42',
    '2026-11-30T22:01:05Z INFO a line of text with msg=none',
  ];

  it('have their message first, in sight, and their other fields muted', async () => {
    expect(await textsWhen('the messages', 'order')).toEqual(read);
    const failed = panel().locator('.row.line', { hasText: 'payment failed' });
    expect(await failed.locator('.muted').innerText()).toContain('status=502');
    const { x, width } = (await failed.locator('.text').boundingBox())!;
    expect(width).toBeGreaterThan(0);
    expect(x).toBeLessThan(1280 - 300);
    await workbench.screenshotInThemes('logs-structured');
  });

  it('can be read on every background', async () => {
    await panel().locator('.row.line', { hasText: 'payment is slow' }).click();
    await workbench.inThemes('logs-structured-chosen', async () => {
      /** The contrast of muted text on what lies behind it, the least of the rows. */
      const least = await panel()
        .locator('.row.line .muted')
        .evaluateAll((all) => {
          /** Three parts up to 255 and the alpha; what CSS has mixed has parts up to 1. */
          const rgba = (color: string) =>
            (color.match(/[\d.]+/g) ?? [])
              .map(Number)
              .map((part, index) => (color.startsWith('color(') && index < 3 ? part * 255 : part));
          const over = (front: number[], back: number[]) =>
            front
              .slice(0, 3)
              .map((part, index) => part * (front[3] ?? 1) + back[index]! * (1 - (front[3] ?? 1)));
          const light = (color: number[]) =>
            color
              .map((part) => part / 255)
              .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
              .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index]!, 0);
          const contrasts = all.map((muted) => {
            const behind: unknown[] = [];
            for (let at: DrawnElement | null = muted as DrawnElement; at; at = at.parentElement)
              behind.unshift(at);
            const back = behind.reduce<number[]>(
              (color, one) => over(rgba(getComputedStyle(one).backgroundColor), color),
              [255, 255, 255],
            );
            const [a, b] = [light(over(rgba(getComputedStyle(muted).color), back)), light(back)];
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          });
          return Math.min(...contrasts);
        });
      expect(least).toBeGreaterThanOrEqual(4.5);
    });
  });

  it('are as they came with R, and again with the button', async () => {
    await panel().locator('.view').press('r');
    expect((await textsWhen('the raw lines', '{'))[1]).toBe(
      line(2, 'warn', 'payment is slow', { took_ms: 4200 }),
    );
    await workbench.screenshotInThemes('logs-raw');
    const button = panel().locator('vscode-toolbar-button.isRaw');
    expect(await button.getAttribute('title')).toBe('Raw Lines (R)');
    await button.click();
    expect(await textsWhen('the messages', 'order')).toEqual(read);
  });

  it('mark what is looked for, and are raw where it is in neither message nor fields', async () => {
    await panel().locator('.view').press('Control+f');
    await panel().locator('.highlight input:focus').waitFor();
    await workbench.page.keyboard.type('"took_ms":4200');
    await until('the match', async () =>
      (await panel().locator('mark').allInnerTexts()).includes('"took_ms":4200'),
    );
    expect((await textsWhen('the other messages', 'order'))[1]).toMatch(/^\{"time"/);
  });
});
