import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { commands, env, EventEmitter, extensions, TabInputTextDiff, ViewColumn, window } from 'vscode';
import { silentLogger } from '../../../../src/platform/host/host';
import type { LogRow } from '../../../../src/features/logs/core/logRow';
import type { Fleet } from '../../../../src/shell/editor/fleets/fleet';
import type { Fleets } from '../../../../src/shell/editor/fleets/fleets';
import type { LogOrder } from '../../../../src/features/logs/editor/panel/logOrder';
import type { LogsPanel } from '../../../../src/features/logs/editor/panel/logsPanel';
import { type LogsParts, logsParts } from '../../../../src/features/logs/editor/logsParts';
import type { LineAction } from '../../../../src/features/logs/protocol/logsPanel';
import { until } from '../../../harness/until';
import { SshdWorkspace } from '../../../harness/editor/sshdWorkspace';

/** A line of a stack trace in each language, and the place that it names. */
const frames = [
  { line: '  File "SOURCES/orders.py", line 3, in submit', file: 'orders.py', at: [2, 0] },
  { line: '\tSOURCES/orders.go:2 +0x1d', file: 'orders.go', at: [1, 0] },
  { line: '    at submit (SOURCES/orders.js:2:5)', file: 'orders.js', at: [1, 4] },
  {
    line: '\tat com.shop.OrderService.submit(OrderService.java:3)',
    file: 'com/shop/OrderService.java',
    at: [2, 0],
  },
] as const;

describe('Logs in the editor', () => {
  let workspace: SshdWorkspace;
  let folder: string;
  let fleet: Fleet;
  let parts: LogsParts;
  let panel: LogsPanel;
  let sources: string;

  before(async () => {
    workspace = await SshdWorkspace.create(2);
    folder = await mkdtemp(join(tmpdir(), 'editor-logs-'));
    sources = join(workspace.folder, 'sources');
    for (const { file } of frames) {
      await mkdir(join(sources, file, '..'), { recursive: true });
      await writeFile(join(sources, file), 'first\n    second\n    third\n');
    }
    await writeFile(
      join(folder, 'log-1.log'),
      [
        '{"time":"2026-11-26T10:00:00Z","level":"info","message":"served","order_id":"42"}',
        '2026-11-26T10:00:02Z ERROR order_id=43 failed',
        ...frames.map(({ line }) => line.replace('SOURCES', sources)),
        '',
      ].join('\n'),
    );
    await writeFile(join(folder, 'log-2.log'), '2026-11-26T10:00:01Z INFO order_id=42 packed\n');
    const hosts = workspace.daemons.map(
      (daemon, index) => `  log-${index + 1}: { ${workspace.host(daemon)} }\n`,
    );
    fleet = await workspace.show(
      `hosts:\n${hosts.join('')}logs:\n  app: { on: all, path: "${folder}/{name}.log" }\n`,
    );
    const fleets = { all: [fleet], shown: [fleet], onDidChange: new EventEmitter<void>().event };
    const { extensionUri } = extensions.getExtension('muster-ops.muster')!;
    parts = logsParts({
      ...{ fleets: fleets as unknown as Fleets, logger: silentLogger, extensionUri },
      fileWorker: join(extensionUri.fsPath, 'dist', 'fileLog.worker.js'),
    });
    const order: LogOrder = {
      ...{ inventory: fleet.id, hosts: ['log-1', 'log-2'], sources: ['app'], start: 'beginning' },
      ...{ origin: undefined, file: undefined, at: undefined },
    };
    panel = parts.open(window.createWebviewPanel('muster.logs', '', ViewColumn.Active), { order });
    await until('all lines', async () => (await lines()).length === 7);
  });
  after(async () => {
    await workspace[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
    await rm(sources, { recursive: true, force: true });
  });

  const rows = async (): Promise<LogRow[]> => {
    const { from, to } = panel.allRows;
    return (await panel.engineView?.rows(from, to)) ?? [];
  };
  const lines = async () => (await rows()).filter(({ kind }) => kind === 'line');
  /** Does something with the line that holds a text, and as many lines after it as are asked for. */
  const act = async (action: LineAction, text: string, more = 0) => {
    const all = await rows();
    const at = all.findIndex((row) => row.text.includes(text));
    const from = panel.allRows.from + at;
    await parts.act(panel, action, { id: all[at]!.seq, from, to: from + 1 + more });
  };

  it('become a document, in the order of time, with host and source before each line', async () => {
    await act('openInEditor', 'served', 2);
    const { document } = window.activeTextEditor!;
    assert.equal(document.languageId, 'log');
    assert.ok(document.isUntitled);
    const told = document.getText().trimEnd().split('\n');
    assert.deepEqual(
      told.map((line) => /^\S+ (log-\d) app\b.*(served|packed|failed)/.exec(line)?.slice(1)),
      [
        ['log-1', 'served'],
        ['log-2', 'packed'],
        ['log-1', 'failed'],
      ],
    );
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('are copied as they are: one without an end of line, several with one each', async () => {
    await act('copy', 'packed');
    assert.equal(await env.clipboard.readText(), '2026-11-26T10:00:01Z INFO order_id=42 packed');
    await act('copy', 'packed', 1);
    assert.equal(
      await env.clipboard.readText(),
      '2026-11-26T10:00:01Z INFO order_id=42 packed\n2026-11-26T10:00:02Z ERROR order_id=43 failed\n',
    );
  });

  it('are compared line by line: two that are pinned, field by field', async () => {
    await act('pin', 'served');
    assert.equal(panel.pinned.size, 1);
    await act('pin', 'packed');
    assert.equal(panel.pinned.size, 0);
    const { input, label } = window.tabGroups.activeTabGroup.activeTab!;
    assert.ok(input instanceof TabInputTextDiff);
    assert.match(label, /^log-1 .* ↔ log-2 /);
    const { documents } = parts;
    assert.equal(
      documents.provideTextDocumentContent(input.original),
      '{\n  "time": "2026-11-26T10:00:00Z",\n  "level": "info",\n  "message": "served",\n  "order_id": "42"\n}',
    );
    assert.equal(
      documents.provideTextDocumentContent(input.modified),
      '2026-11-26T10:00:01Z INFO order_id=42 packed\n\norder_id = 42',
    );
    await commands.executeCommand('workbench.action.closeActiveEditor');
  });

  for (const { line, file, at } of frames)
    it(`lead from a line of a stack trace to ${file}`, async () => {
      await act('openFrame', line.replace('SOURCES', sources));
      const { document, selection } = window.activeTextEditor!;
      assert.equal(document.uri.fsPath, join(sources, file));
      assert.deepEqual([selection.active.line, selection.active.character], at);
      await commands.executeCommand('workbench.action.closeActiveEditor');
    });

  it('are those of the hosts of a run, from five minutes before it began', async () => {
    const head = { fleetId: fleet.id, hosts: ['log-2'], selector: 'log-2', startedAt: 1_800_000_000_000 };
    const picked = parts.pickAt({ kind: 'run', entry: { head } }, undefined);
    let order: LogOrder | undefined;
    void picked.then((answer) => (order = answer));
    await until('an answer', async () => {
      await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return order;
    });
    assert.deepEqual(
      [order!.hosts, order!.sources, order!.at, order!.start],
      [['log-2'], ['app'], head.startedAt, { time: head.startedAt - 300_000 }],
    );
  });

  it('are not where no line is chosen: the commands of the palette say so and fail nobody', async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
    for (const command of ['copyLogLines', 'openLogLines', 'pinLogLine', 'correlateLog', 'openLogFrame'])
      await commands.executeCommand(`muster.${command}`);
  });
});
