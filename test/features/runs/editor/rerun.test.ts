import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { type MessageOptions, window } from 'vscode';
import { parseInventory } from '../../../harness/inventories';
import type { RunResult, RunStatus } from '../../../../src/features/runs/core/runBatch';
import { suggestSelectors } from '../../../../src/shell/editor/commands/suggestSelectors';
import type { Fleets } from '../../../../src/shell/editor/fleets/fleets';
import type { FleetRuns, RunOrder } from '../../../../src/features/runs/editor/fleetRuns';
import type { OutputDocuments } from '../../../../src/features/runs/editor/output/outputDocuments';
import { RunEntry, type RunHistory } from '../../../../src/features/runs/editor/runHistory';
import { runItem, settlesIn } from '../../../../src/features/runs/editor/view/runItem';
import { RunsViewCommands } from '../../../../src/features/runs/editor/view/runsViewCommands';
import type { RunStore } from '../../../../src/features/runs/editor/runStore';
import type { RunHead } from '../../../../src/features/runs/editor/storedRun';

const { showWarningMessage, showQuickPick } = window;
const editorItself = { showWarningMessage, showQuickPick };

const inventory = parseInventory('hosts: { web-1: , web-2: , web-3: }', '/fleet/muster.yaml');
const head = (startedAt = Date.now()) =>
  ({
    ...{ id: 'r', startedAt, title: 'uptime', fleetId: 'f', inventory: '/fleet/muster.yaml' },
    ...{ hosts: ['web-1', 'web-2', 'web-3'], selector: 'web-*', request: { command: ['uptime'] } },
  }) as unknown as RunHead;

/** A run whose hosts ended like this; those that are left out have no result. */
function entryOf(statuses: Readonly<Record<string, RunStatus>>): RunEntry {
  const results = Object.entries(statuses).map(([host, status]) => ({ host, status }) as RunResult);
  return new RunEntry(head(), {} as RunStore, results);
}

describe('Running again', () => {
  afterEach(() => Object.assign(window, editorItself));

  /** What the question says when `rerun` or `rerunFailed` is chosen; nothing is run. */
  async function detailOf(which: 'rerun' | 'rerunFailed', statuses: Record<string, RunStatus>) {
    const details: string[] = [];
    Object.assign(window, {
      showWarningMessage: (_: string, { detail }: MessageOptions) => {
        details.push(detail!);
        return Promise.resolve(undefined);
      },
      showQuickPick: (items: unknown[]) => Promise.resolve(items),
    });
    const fleets = { shown: [{ id: 'f', file: '/fleet/muster.yaml', inventory }] } as unknown as Fleets;
    const never = {
      run: () => Promise.reject(new Error('it was run')),
    } as unknown as FleetRuns;
    const commands = new RunsViewCommands({} as RunHistory, {} as OutputDocuments, fleets, never);
    await commands[which]({ kind: 'run', entry: entryOf(statuses) });
    assert.equal(details.length, 1);
    return details[0]!;
  }
  const warning = /Stopped while the command ran, which may have done a part of its work there: (.*)/;

  it('asks about hosts where the command was stopped while it ran', async () => {
    const stopped = { 'web-1': 'ok', 'web-2': 'stopped', 'web-3': 'ok' } as const;
    assert.equal(warning.exec(await detailOf('rerunFailed', stopped))?.[1], 'web-2');
    assert.equal(warning.exec(await detailOf('rerun', stopped))?.[1], 'web-2');
    // One of which nothing is known may have been cut off.
    const mixed = { 'web-1': 'failed', 'web-2': 'stopped' } as const;
    assert.equal(warning.exec(await detailOf('rerunFailed', mixed))?.[1], 'web-2, web-3');
    const failed = { 'web-1': 'failed', 'web-2': 'ok', 'web-3': 'skipped' } as const;
    assert.doesNotMatch(await detailOf('rerunFailed', failed), warning);
  });

  it('is done as the run was: in its batches, with its limits', async () => {
    const orders: RunOrder[] = [];
    Object.assign(window, { showWarningMessage: (...given: unknown[]) => Promise.resolve(given.at(-1)) });
    const fleets = { shown: [{ id: 'f', file: '/fleet/muster.yaml', inventory }] } as unknown as Fleets;
    const runs = { run: (order: RunOrder) => orders.push(order) } as unknown as FleetRuns;
    const commands = new RunsViewCommands({} as RunHistory, {} as OutputDocuments, fleets, runs);
    const control = { serial: [{ percent: 50 }], pauseMs: 30_000, maxFailures: { count: 0 }, retries: 2 };
    const results = [{ host: 'web-2', status: 'failed' }] as RunResult[];
    const entry = new RunEntry({ ...head(), hosts: ['web-2'], control }, {} as RunStore, results);
    await commands.rerunFailed({ kind: 'run', entry });
    assert.deepEqual(
      orders.map(({ selector, options }) => ({ selector, options })),
      [{ selector: 'web-*', options: control }],
    );
  });

  it('is not offered under the pointer that has just cancelled', () => {
    const entry = entryOf({});
    const endedAt = entry.head.startedAt + 500;
    entry.end = { summary: { durationMs: 500 } } as RunEntry['end'];
    assert.deepEqual(
      [0, 1_999, 2_000, 60_000, -60_000].map((ms) => settlesIn(entry, endedAt + ms)),
      [2_000, 1, 0, 0, 0],
    );
    entry.end = {
      summary: { durationMs: 500, total: 3, ok: 3, failed: 0, stopped: 0, skipped: 0 },
    } as unknown as RunEntry['end'];
    const fresh = new RunEntry(head(Date.now() - 600), {} as RunStore, []);
    fresh.end = entry.end;
    assert.equal(runItem({ kind: 'run', entry: fresh }).contextValue, 'run-settling');
    const old = new RunEntry(head(Date.now() - 60_000), {} as RunStore, []);
    old.end = entry.end;
    assert.equal(runItem({ kind: 'run', entry: old }).contextValue, 'run-ended');
  });
});

describe('The selectors that are offered', () => {
  it('can be chosen, and select what they say', () => {
    const odd = 'a"b\'$(touch /tmp/x) `…` ';
    const hostile = parseInventory(
      [
        `hosts:`,
        `  web-1: { labels: { note: ${JSON.stringify(odd)}, role: web } }`,
        `  web-2: { labels: { note: 'a b', role: web } }`,
        `  web-3: { labels: { note: 'axb' } }`,
      ].join('\n'),
      '/fleet/muster.yaml',
    );
    const offered = suggestSelectors(hostile).flatMap(({ selector, description }) =>
      selector === undefined ? [] : [`${selector}: ${description}`],
    );
    // What would select others as well is not offered.
    assert.deepEqual(offered, [
      '*: 3 hosts',
      'role=web: 2 hosts',
      'note=a?b???touch?/tmp/x??????: 1 host',
      'note=axb: 1 host',
    ]);
  });
});
