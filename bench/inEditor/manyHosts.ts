import { writeFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { commands, extensions } from 'vscode';
import type { MusterUnderTest } from '../../test/harness/editor/extensionUnderTest';

/** Milliseconds, in the extension host. */
export interface ManyHostsFigures {
  firstPaintMs: number;
  expandMs: number;
  checkMs: number;
  /** Of the event loop's delay while everything was checked. */
  delayP99Ms: number;
  delayMaxMs: number;
  checks: number;
}

/** Draws and checks the fleet of the open folder inside the extension host; figures go to `MUSTER_BENCH_REPORT`. */
export async function run(): Promise<void> {
  const { shown } = await extensions.getExtension<MusterUnderTest>('muster-ops.muster')!.activate();
  await shown.ready;
  const { tree } = shown.hosts;
  await windowAtRest();
  // A wave that nobody looks at compiles what every window has compiled soon.
  draw();
  const [firstPaintMs, roots] = timed(draw);
  const widest = roots.reduce((best, node) => (sizeOf(node) > sizeOf(best) ? node : best));
  const [expandMs] = timed(() => tree.getChildren(widest).map((node) => tree.getTreeItem(node)));

  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const begun = performance.now();
  const results = await commands.executeCommand<unknown[]>('muster.checkAll');
  const checkMs = performance.now() - begun;
  delay.disable();
  const figures: ManyHostsFigures = {
    ...{ firstPaintMs, expandMs, checkMs, checks: results.length },
    ...{ delayP99Ms: delay.percentile(99) / 1e6, delayMaxMs: delay.max / 1e6 },
  };
  await writeFile(process.env['MUSTER_BENCH_REPORT']!, JSON.stringify(figures));

  function draw() {
    const nodes = tree.getChildren();
    for (const node of nodes) tree.getTreeItem(node);
    return nodes;
  }
}

/** Resolves when a second went by in which nobody held the thread up: other extensions start with the window, too. */
async function windowAtRest(): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  do {
    delay.reset();
    await setTimeout(1_000);
  } while (delay.max > 20e6);
  delay.disable();
}

function timed<Value>(work: () => Value): [number, Value] {
  const begun = performance.now();
  const value = work();
  return [performance.now() - begun, value];
}

function sizeOf(node: object): number {
  return 'hosts' in node ? (node.hosts as unknown[]).length : 0;
}
