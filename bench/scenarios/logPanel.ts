import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Frame } from 'playwright-core';
import { launchChromium } from '../../test/harness/launchChromium';
import { freePort } from '../../test/harness/ports';
import { until } from '../../test/harness/until';
import { installVscode, vscodeVersions } from '../../test/harness/vscodeInstallation';
import { startVscodeServer } from '../../test/harness/vscodeServer';
import { Workbench } from '../../test/harness/workbench';
import type { BenchContext } from '../context';
import { prepareFleet, startSshd } from '../fixtures/sshFleet';
import type { LogPanelDelays } from '../inEditor/logPanel';
import { beginTable, type Measurement, type Table } from '../measure';

const retained = 5_000_000;
const perSecond = 50_000;
/** What is retained takes about 700 MB. */
const memoryMiB = 1536;
const seconds = 10;
/** A graphics processor that is computed takes 100 ms for what a real one does at once: the page is drawn without. */
const withoutGpu = ['--disable-gpu'];

declare const requestAnimationFrame: (drawn: () => void) => void;

/** How often a page draws, and how long it takes at worst. */
interface Frames {
  perSecond: number;
  p99Ms: number;
}

/** Lines of a host on screen at a rate at which editors freeze: frames of the page, and the extension host's delay. */
export async function* logPanelScenarios(context: BenchContext): AsyncGenerator<Table> {
  const begun = beginTable(
    `${perSecond} lines a second on screen with ${retained} lines retained, in VS Code ${vscodeVersions.at(-1)}`,
  );
  const directory = join(context.directory, 'logPanel');
  const folder = join(directory, 'workspace');
  await mkdir(folder, { recursive: true });
  const tests = join(directory, 'inEditor.js');
  await build({
    ...context.bundle,
    ...{ entryPoints: ['bench/inEditor/logPanel.ts'], outfile: tests, external: ['vscode'] },
  });
  const fleet = await prepareFleet(directory, ['127.33.0.2'], await freePort('127.33.0.2'));
  await using servers = await startSshd(context.peers.require('sshd'), directory, fleet);
  const writer = `${process.execPath} ${resolve('bench/fixtures/logWriter.mjs')} ${retained} ${perSecond}`;
  await writeFile(
    join(folder, 'muster.yaml'),
    `hosts:\n  web: { address: 127.33.0.2, ssh: { user: ${fleet.user}, port: ${fleet.port}, identityFile: ${fleet.keyFile}, knownHosts: ${fleet.knownHostsFile} } }\nlogs:\n  paced: { command: ${writer} }\n`,
  );
  const rows = await measured(folder, { tests, report: join(directory, 'report.json') });
  // The panel is closed: nothing of it is left on the host.
  await servers.settled();
  yield { ...begun, rows };
}

async function measured(
  folder: string,
  { tests, report }: { tests: string; report: string },
): Promise<Measurement[]> {
  const installation = await installVscode(vscodeVersions.at(-1)!, (line) =>
    process.stderr.write(`${line}\n`),
  );
  const server = await startVscodeServer(installation, {
    development: { extension: resolve('.'), tests },
    settings: { 'muster.logs.memory': memoryMiB },
    env: { MUSTER_BENCH_REPORT: report },
  });
  await using workbench = await Workbench.open(server, folder, { browser: launchChromium(withoutGpu) });
  await workbench.openViewContainer('Muster');
  await workbench.treeRow('Hosts', 'web').waitFor();
  await workbench.runCommand('Muster Logs: Follow Logs…');
  await workbench.type('*');
  await workbench.accept();
  await workbench.pick('paced');
  await workbench.pick('The Beginning');
  const page = await until('the panel', () => panelFrame(workbench), 60_000);
  const kept = async () => {
    const text = await page.locator('.count').innerText();
    return Number(/of ([\d,]+) lines/.exec(text)?.[1]?.replaceAll(',', ''));
  };
  await until('the lines', async () => (await kept()) >= retained, 300_000);

  await writeFile(`${report}.begin`, '');
  const before = await kept();
  const following = await framesOf(page);
  const rate = ((await kept()) - before) / seconds;
  const [scrolling] = await Promise.all([framesOf(page), scroll(workbench, page)]);
  await writeFile(`${report}.end`, '');
  const text = await until('figures', () => readFile(report, 'utf8').catch(() => ''), 60_000);
  const delays = JSON.parse(text) as LogPanelDelays;
  await workbench.page.keyboard.press('End');
  await page.locator('.pause').click();
  const paused = await framesOf(page);

  const frames = (row: string, { perSecond: musterValue }: Frames): Measurement => ({
    ...{ row, unit: '/s', musterValue, rounds: 1, peer: '60 frames a second', peerValue: 60 },
    // A second of the clock and one of the screen are not the same.
    ...{ ratio: musterValue / 60, target: { atLeast: 0.98 }, met: musterValue / 60 >= 0.98 },
  });
  const limited = (row: string, musterValue: number, limit: number): Measurement => ({
    ...{ row, unit: 'ms', musterValue, rounds: 1, peer: `limit, ${limit} ms`, peerValue: limit },
    ...{ ratio: musterValue / limit, target: { atMost: 1 }, met: musterValue <= limit },
  });
  return [
    {
      ...{ row: 'lines taken in', unit: '/s', musterValue: rate, rounds: 1 },
      ...{ peer: 'written', peerValue: perSecond, ratio: rate / perSecond, target: { atLeast: 0.98 } },
      met: rate / perSecond >= 0.98,
    },
    frames('frames while it follows', following),
    frames('frames while one scrolls', scrolling),
    frames('frames while the view is paused', paused),
    limited('time between two frames while it follows, P99', following.p99Ms, 50),
    limited('time between two frames while one scrolls, P99', scrolling.p99Ms, 50),
    limited('event-loop delay of the extension host, P99', delays.p99Ms, 50),
    limited('event-loop delay of the extension host, longest', delays.maxMs, 50),
  ];
}

/** The frame of the panel's page, once it has rows. */
async function panelFrame({ page }: Workbench): Promise<Frame | undefined> {
  for (const frame of page.frames())
    if (
      (await frame
        .locator('.lines > .row')
        .count()
        .catch(() => 0)) > 0
    )
      return frame;
  return undefined;
}

/** How often a page draws for some seconds. */
async function framesOf(frame: Frame): Promise<Frames> {
  const intervals = await frame.evaluate(
    (milliseconds) =>
      new Promise<number[]>((resolve) => {
        const found: number[] = [];
        let last = performance.now();
        const until = last + milliseconds;
        const drawn = () => {
          const now = performance.now();
          found.push(now - last);
          last = now;
          if (now < until) requestAnimationFrame(drawn);
          else resolve(found);
        };
        requestAnimationFrame(drawn);
      }),
    seconds * 1000,
  );
  const sorted = intervals.sort((one, other) => one - other);
  const total = sorted.reduce((sum, one) => sum + one, 0);
  return {
    perSecond: (sorted.length / total) * 1000,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)]!,
  };
}

/** Turns the wheel upwards, as fast as a hand does, for some seconds. */
async function scroll(workbench: Workbench, frame: Frame): Promise<void> {
  await frame.locator('.view').hover();
  for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
    await workbench.page.mouse.wheel(0, -300);
    await new Promise((done) => setTimeout(done, 50));
  }
}
