import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { commands, extensions, TabInputCustom, window } from 'vscode';
import type { StoredCapture } from '../../../../src/features/profiles/editor/capture/storedCapture';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import { freePort } from '../../../harness/ports';
import { until } from '../../../harness/until';
import { activeMuster } from '../../../harness/editor/muster';
import { SshdWorkspace } from '../../../harness/editor/sshdWorkspace';

const capture = (given: unknown) =>
  commands.executeCommand<StoredCapture | undefined>('muster.captureProfile', given);

describe('Capture Profile', () => {
  let workspace: SshdWorkspace;
  let service: ChildProcess;

  before(async () => {
    workspace = await SshdWorkspace.create(2);
    const [first, second] = workspace.daemons;
    const port = await freePort();
    const { extensionPath } = extensions.getExtension('muster-ops.muster')!;
    // The extension under test lies in dist/test of the repository.
    const program = join(extensionPath, '../../../test/fixtures/services/busy.mjs');
    service = spawn(process.execPath, [`--inspect=127.0.0.1:${port}`, program], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    await once(service.stdout!, 'data');
    await workspace.show(`hosts:
  web-1: { ${workspace.host(first!)} }
  web-2: { ${workspace.host(second!)} }
  down: { address: 127.0.0.1, ssh: { port: ${await freePort()} } }
profilers:
  gateway: { type: node, url: "http://127.0.0.1:${port}", duration: 1s }
`);
  });
  after(async () => {
    service?.kill('SIGKILL');
    const { captures } = (await activeMuster()).profiles;
    await captures.remove(...(await captures.all()));
    await workspace?.[Symbol.asyncDispose]();
  });

  const tabs = () =>
    window.tabGroups.all
      .flatMap((group) => group.tabs)
      .flatMap(({ input }) => (input instanceof TabInputCustom ? [input] : []));
  const opened = (file: string) =>
    until(`${file} as a flame graph`, () =>
      tabs().find((input) => input.viewType.startsWith('muster.flameGraph') && input.uri.path.endsWith(file)),
    );

  it('merges what several hosts give, with the host as the outermost frame, and opens it', async () => {
    const captured = await capture({ selector: 'web-*', profiler: 'gateway', kind: 'cpu' });
    assert.ok(captured);
    assert.deepEqual(captured.hosts, ['web-1', 'web-2']);
    assert.equal(captured.service, 'gateway');
    assert.equal(captured.durationMs, 1_000);
    assert.match(captured.command, /busy\.mjs/);
    const { uri } = await opened(captured.file);
    const { frames, valueTypes } = await readProfile(await readFile(uri.fsPath), captured.file);
    const names = frames.map(({ name }) => name);
    for (const name of ['web-1', 'web-2', 'spinHard'])
      assert.ok(names.includes(name), `${name} is none of ${names.join(', ')}`);
    assert.deepEqual(captured.valueTypes, valueTypes);
  });

  it('keeps what came when a host fails', async () => {
    const captured = await capture({ selector: 'web-1 down', profiler: 'gateway', kind: 'allocations' });
    assert.deepEqual(captured?.hosts, ['web-1']);
    assert.match(captured.file, /\.heapprofile$/);
    await opened(captured.file);
  });

  it('says what makes no sense, and captures nothing', async () => {
    const before = tabs().length;
    for (const given of [
      { selector: 'web-1', profiler: 'gatewya' },
      { selector: 'web-1', profiler: 'gateway', kind: 'trace' },
      { selector: 'web-1', profiler: 'gateway', duration: 'soon' },
      { selector: 5 },
    ])
      assert.equal(await capture(given), undefined);
    assert.equal(tabs().length, before);
  });
});
