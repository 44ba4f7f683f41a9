import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { panelFrame } from '../../../harness/panelFrame';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { until, untilRead } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { followersOn, hasEnded } from '../integration/logFixture';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { treeRowWhen } from '../../../harness/treeRowWhen';

describe(`The logs panel, in VS Code ${inject('vscodeVersion')}`, () => {
  const names = ['web-1', 'web-2'];
  let farm: SshdFarm;
  let daemons: Sshd[];
  let folder: ScratchFolder;
  let workbench: Workbench;
  let clock = Date.now() - 3_600_000;

  const fileOf = (host: string) => join(folder.path, 'logs', host, 'app.log');
  /** Appends lines, each with a time of its own, a second after the one before. */
  const write = async (host: string, ...texts: string[]) => {
    for (const text of texts) {
      clock += 1000;
      await appendFile(fileOf(host), `${new Date(clock).toISOString()} ${text}\n`);
    }
  };

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemons = await farm.startMany(names.length);
    const known = await Promise.all(daemons.map((daemon) => daemon.knownHostsLine()));
    const knownHosts = await farm.write('known_hosts', known.join(''));
    const ssh = daemons.map(
      ({ address, port }, index) =>
        `  ${names[index]}: { address: ${address}, ssh: { user: ${userInfo().username}, port: ${port}, identityFile: ${farm.clientKey}, knownHosts: ${knownHosts} } }`,
    );
    folder = await scratchFolder({});
    await writeFile(
      join(folder.path, 'muster.yaml'),
      `hosts:\n${ssh.join('\n')}\nlogs:\n  app: { on: all, path: "${folder.path}/logs/{name}/*.log" }\nchecks: { gate: { type: tcp, port: 1 } }\n`,
    );
    await folder.write('orders.py', 'def submit(order):\n    raise ValueError("late")\n');
    for (const host of names) {
      await mkdir(join(folder.path, 'logs', host), { recursive: true });
      await writeFile(fileOf(host), '');
    }
    for (let index = 0; index < 50; index++)
      await write(names[index % 2]!, `INFO order_id=${index} served in ${index} ms`);
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'web-1').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  const panel = (): FrameLocator => panelFrame(workbench);
  const rows = (): Locator => panel().locator('.lines > .row');
  const part = (name: string) => panel().locator(`.${name}`);
  const press = (key: string) => workbench.page.keyboard.press(key);
  /** The rows on screen, host and text; none while one of them, or its host, is still being asked for. */
  const texts = async () => {
    // At one moment: elements are used again for other rows, and a list of them is read later than it is made.
    const all = await part('lines').evaluate((lines) =>
      [...lines.children].map((row) => ({
        isLoading: row.classList.contains('loading'),
        cells: ['.host', '.text'].map((cell) => (row.querySelector(cell)?.textContent ?? '').trim()),
      })),
    );
    const isDrawn = all.every(({ isLoading, cells: [host] }) => !isLoading && host !== '');
    return isDrawn ? all.map(({ cells }) => cells.join(' | ')) : [];
  };
  const rowsWhen = (what: string, is: (rows: string[]) => boolean): Promise<string[]> =>
    untilRead(what, () => texts().catch(() => []), is);
  /** Goes to the newest row, and stays with it. */
  const toEnd = () => panel().locator('.view').press('End');
  /** Chooses one of the newest rows. A page that was hidden is made anew, and takes what is done to it along. */
  const choose = (text: string) =>
    until(`the row ${text} chosen`, async () => {
      const row = rows().filter({ hasText: text }).first();
      const click = async () => {
        await panel().locator('.view').press('End', { timeout: 2000 });
        await row.click({ timeout: 2000 });
        return panel().locator('.view:focus .row.active', { hasText: text }).count();
      };
      return click().catch(() => undefined);
    });
  /** Presses a key on one of the newest rows, until that has brought up `shown`. */
  const pressOn = (text: string, key: string, shown: Locator) =>
    workbench.actUntil(`${key} on ${text}`, shown, async () => {
      await choose(text);
      await press(key);
    });
  const follow = async () => {
    await workbench.runCommand('Muster Logs: Follow Logs…');
    await workbench.type('*');
    await workbench.accept();
    await workbench.pick('app');
    await workbench.pick('The Beginning');
  };

  it('follows a source of muster.yaml on its hosts as one stream, in the order of time', async () => {
    await follow();
    await part('count').filter({ hasText: 'of 50 lines' }).waitFor();
    const past = await rowsWhen('the last line', (all) => all.some((row) => row.includes('order_id=49')));
    expect(past.filter((row) => row.includes('order_id')).slice(-3)).toEqual([
      expect.stringMatching(/^web-2 \| .* INFO order_id=47 /),
      expect.stringMatching(/^web-1 \| .* INFO order_id=48 /),
      expect.stringMatching(/^web-2 \| .* INFO order_id=49 /),
    ]);
    await write('web-1', 'INFO first');
    await rowsWhen('the first', (all) => all.join().includes('first'));
    await write('web-2', 'INFO second');
    const seen = await rowsWhen('both hosts', (all) => all.join().includes('second'));
    expect(seen.filter((row) => /first|second/.test(row))).toEqual([
      expect.stringMatching(/^web-1 \| .* INFO first$/),
      expect.stringMatching(/^web-2 \| .* INFO second$/),
    ]);
    await write(
      'web-1',
      'WARN slow',
      'ERROR \x1b[31mfailed\x1b[0m <img src=x onerror=alert(1)> \u202ehidden',
    );
    const written = await rowsWhen('what is written', (all) => all.some((row) => row.includes('failed')));
    expect(written.join('\n')).toContain('failed <img src=x onerror=alert(1)>');
    expect(await panel().locator('.row.level-error').count()).toBeGreaterThan(0);
    expect(await panel().locator('img').count()).toBe(0);
    await part('state').filter({ hasText: 'Following 2 of 2 sources' }).waitFor();
    await workbench.screenshotInThemes('logs');
  });

  it('is filtered by text, expressions, levels and fields, and says what is wrong', async () => {
    const box = (name: string) => panel().locator(`.${name} input`);
    await box('include').fill('order_id=1');
    await rowsWhen('the filtered rows', (all) => {
      const lines = all.filter((row) => row.includes('INFO'));
      return lines.length === 11 && lines.every((row) => row.includes('order_id=1'));
    });
    await box('include').fill('order_id=(');
    await panel().locator('.include vscode-toolbar-button').click();
    await panel().locator('.include .problem').filter({ hasText: 'No regular expression' }).waitFor();
    await workbench.screenshotInThemes('logs-problem');
    await box('include').fill('order_id=(1|2)\\d');
    await rowsWhen('the expression', (all) => all.filter((row) => row.includes('INFO')).length === 20);
    await box('exclude').fill('order_id=2');
    await rowsWhen('without', (all) => all.filter((row) => row.includes('INFO')).length === 10);
    await box('include').fill('');
    await box('exclude').fill('');
    await box('fields').fill('order_id>=48');
    await rowsWhen('the fields', (all) => all.filter((row) => row.includes('INFO')).length === 2);
    await box('fields').fill('');
    await panel().locator('select.level').selectOption('warn');
    await rowsWhen(
      'the level',
      (all) => !all.some((row) => row.includes('INFO')) && all.join().includes('slow'),
    );
    await panel().locator('select.level').selectOption('');
    await rowsWhen('all', (all) => all.some((row) => row.includes('INFO')));
  });

  it('stays put while one reads, tells what came, and finds matches by keyboard', async () => {
    await choose('slow');
    await press('PageUp');
    await panel().locator('.row.active').filter({ hasNotText: 'slow' }).waitFor();
    const before = await rowsWhen('a page before', (all) => all.length > 0);
    await write('web-2', 'INFO while reading', 'INFO and more');
    await part('new-lines').filter({ hasText: '2 new lines' }).waitFor();
    // There may be rows below those on screen.
    const after = await rowsWhen('the page', (all) => all.length > 0);
    expect(after.slice(0, before.length)).toEqual(before);
    await workbench.screenshot('logs-stays');
    await panel().locator('.highlight input').fill('order_id=1');
    await part('matches').filter({ hasText: '11 matches' }).waitFor();
    await press('Enter');
    await panel().locator('.row.active mark').waitFor();
    await part('new-lines').click();
    await rowsWhen('the newest', (all) => all.at(-1)?.includes('and more') ?? false);
    await panel().locator('.highlight input').fill('');
  });

  it('hides and shows hosts, and sets bookmarks', async () => {
    await panel().locator('.legend .toggle', { hasText: 'web-1' }).click();
    await rowsWhen('one host', (all) => all.length > 0 && all.every((row) => !row.startsWith('web-1')));
    await panel().locator('.legend > .link').click();
    await rowsWhen('both hosts', (all) => all.some((row) => row.startsWith('web-1')));
    await pressOn('slow', 'b', panel().locator('.row .codicon-bookmark'));
    await press('End');
    await panel().locator('vscode-toolbar-button.bookmarks').click();
    await workbench.accept();
    await panel().locator('.row.active', { hasText: 'slow' }).waitFor();
  });

  it('zooms into a range of time by mouse and keyboard, and out again', async () => {
    const histogram = panel().locator('.histogram');
    const box = (await histogram.boundingBox())!;
    await workbench.page.mouse.move(box.x + 2, box.y + 20);
    await workbench.page.mouse.down();
    await workbench.page.mouse.move(box.x + box.width / 4, box.y + 20, { steps: 5 });
    await workbench.screenshot('logs-drag');
    await workbench.page.mouse.up();
    await panel().locator('.chip.range').waitFor();
    await rowsWhen(
      'the range',
      (all) => all.join().includes('order_id=0 ') && !all.join().includes('and more'),
    );
    await histogram.focus();
    await press('Escape');
    await panel().locator('.chip.range').waitFor({ state: 'detached' });
    // The line at the top stays in sight when the range ends, until one goes elsewhere.
    await choose('and more');
    await histogram.focus();
    await press('End');
    await press('Shift+ArrowLeft');
    await part('told').filter({ hasText: 'lines' }).waitFor();
    await press('Enter');
    await panel().locator('.chip.range').waitFor();
    await panel().locator('.chip.range .link').click();
    await panel().locator('.chip.range').waitFor({ state: 'detached' });
  });

  it('shows one timeline of a value across hosts, with the time between its steps', async () => {
    await toEnd();
    await write('web-1', 'INFO order_id=777 received', 'INFO order_id=7770 other');
    // Hosts are asked one by one: what is written at the same moment may come late.
    await rowsWhen('the first step', (all) => all.join().includes('other'));
    await write('web-2', 'WARN {"orderId": 777} packed', 'INFO order 777 shipped');
    await rowsWhen('the steps', (all) => all.join().includes('shipped'));
    await pressOn('received', 't', workbench.quickInput);
    await workbench.accept();
    await panel().locator('.chip.correlation').waitFor();
    const steps = await rowsWhen('the timeline', (all) => all.length === 3);
    expect(steps.map((row) => row.replace(/\|.*777/, '| 777'))).toEqual([
      'web-1 | 777 received',
      expect.stringMatching(/^web-2 .*packed$/),
      expect.stringMatching(/^web-2 .*shipped$/),
    ]);
    expect((await panel().locator('.row > .delta').allInnerTexts()).slice(1)).toEqual([
      '+2.000 s',
      '+1.000 s',
    ]);
    await workbench.screenshotInThemes('logs-timeline');
    await panel().locator('.chip.correlation .link').click();
    await rowsWhen('all', (all) => all.length > 3);
  });

  it('compares two lines that are pinned, and opens the source that a line of a stack trace names', async () => {
    const { page } = workbench;
    await pressOn('received', 'p', part('pinned').filter({ hasText: 'One line is pinned' }));
    const diff = page.locator('.part.editor .monaco-diff-editor');
    await pressOn('packed', 'p', diff);
    await diff.locator('.modified .view-line', { hasText: 'packed' }).first().waitFor();
    await diff.locator('.original .view-line', { hasText: 'received' }).first().waitFor();
    await workbench.screenshotInThemes('logs-compare');
    await workbench.runCommand('View: Close Editor');
    await write('web-1', 'ERROR ValueError: late', `  File "${folder.path}/orders.py", line 2, in submit`);
    const source = page.locator('.part.editor .view-line', { hasText: 'raise' });
    await pressOn('orders.py', 'Enter', source);
    await page.locator('.part.statusbar', { hasText: 'Ln 2, Col 1' }).waitFor();
    await workbench.runCommand('View: Close Editor');
    await rows().first().waitFor();
  });

  it('says after a cut that it goes on where it was, and what is missing where it cannot', async () => {
    const [, daemon] = daemons;
    await daemon!.stop();
    await write('web-2', 'INFO during the cut');
    await daemon!.resume();
    await toEnd();
    const seen = await rowsWhen('the seam', (all) => all.join().includes('during the cut'));
    expect(seen.join('\n')).toMatch(/Resumed, 0 lost.*\n.* during the cut$/m);
    expect(seen.filter((row) => row.includes('during the cut'))).toHaveLength(1);
    await daemon!.stop();
    // Both files are there for a moment, so that the new one cannot get the inode of the old one.
    const other = join(folder.path, 'other.log');
    clock += 1000;
    await writeFile(other, `${new Date(clock).toISOString()} INFO in another file\n`);
    await rename(other, fileOf('web-2'));
    await daemon!.resume();
    const gap = await rowsWhen('the gap', (all) => all.join().includes('in another file'));
    expect(gap.join('\n')).toContain('Gap of unknown size');
    await workbench.screenshotInThemes('logs-seam');
  });

  it('saves what is shown, says so, and ends what runs on the hosts when it is closed', async () => {
    await workbench.actUntil(
      'no chip',
      async () => (await panel().locator('.chip').count()) === 0,
      () => panel().locator('.chip .link').first().click({ timeout: 15_000 }),
    );
    await rowsWhen('all', (all) => all.length > 3);
    await panel().locator('vscode-toolbar-button.save').click();
    const file = join(folder.path, 'saved.log');
    await workbench.chooseFile(file);
    const { message } = await workbench.notification('lines were saved');
    expect(message).toMatch(/^All \d+ lines/);
    const saved = await readFile(file, 'utf8');
    expect(saved.match(/order_id=\d+ served/g)).toHaveLength(50);
    await workbench.runCommand('View: Close All Editors');
    await until('no process left', async () => (await daemons[0]!.children()).length <= 2);
  });

  it('leads from a check that failed to the log of its host at that moment', async () => {
    const seconds = async (later: number, text: string) =>
      appendFile(fileOf('web-1'), `${new Date(Date.now() + later * 1000).toISOString()} ${text}\n`);
    // The check may have failed before, in a round that nobody asked for.
    await seconds(-600, 'INFO before the failure');
    await workbench.runCommand('Muster: Check All Hosts');
    await treeRowWhen(workbench, 'web-1', /^unhealthy/);
    await seconds(5, 'WARN right after the failure');
    for (let index = 0; index < 100; index++) await seconds(10 + index, `INFO much later ${index}`);
    await workbench.clickRowMenu('Hosts', 'web-1', 'Show Logs at This Time…', workbench.quickInput);
    await workbench.pick('app');
    await rowsWhen('what was around', (all) => all.join().includes('before the failure'));
    await panel().locator('.row.active', { hasText: 'right after the failure' }).waitFor();
    await workbench.screenshot('logs-moment');
  });

  it('leaves nothing on the hosts when the extension host is killed', async () => {
    await follow();
    const started = await until('followers', async () => {
      const found = await followersOn(daemons[0]!);
      return found.length > 0 ? found : undefined;
    });
    await workbench.killExtensionHosts();
    await until('nothing is left', () => started.every(hasEnded));
  });
});
