import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import {
  commands,
  type Disposable,
  extensions,
  languages,
  type MessageOptions,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { MusterCheckEvent } from '../../../../api/muster';
import { until } from '../../../harness/until';
import type { MusterUnderTest } from '../../../harness/editor/extensionUnderTest';
import { activeMuster, rows, rowWhen, type Muster } from '../../../harness/editor/muster';
import type { ProbeExtension } from '../../../harness/editor/probeExtension/extension';

const original = 'hosts:\n  local: { address: 127.0.0.1 }\n';
const painted = `hosts:
  a: { labels: { colour: green } }
  b: { labels: { colour: red, env: prod } }
  c: {}
  d: { labels: { colour: slow } }
groups:
  fixed: { hosts: a, readOnly: true }
checks:
  paint: { type: colour, expect: green, on: [a, b, c] }
`;
const file = () => Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'muster.yaml');
const write = (text: string) => workspace.fs.writeFile(file(), new TextEncoder().encode(text));
const problems = () => languages.getDiagnostics(file()).map(({ message }) => message);
const { showWarningMessage, showInputBox } = window;

describe('Another extension', () => {
  let muster: Muster;
  let second: ProbeExtension;
  let registered: Disposable | undefined;

  before(async () => {
    muster = await activeMuster();
    second = await extensions.getExtension<ProbeExtension>('muster-tests.probe-extension')!.activate();
  });
  afterEach(() => {
    Object.assign(window, { showWarningMessage, showInputBox });
  });
  after(async () => {
    registered?.dispose();
    await write(original);
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(muster, ['local'], () => rows(muster).length === 1);
    await until('no problems', () => problems().length === 0);
  });

  it('is given the version of the API that it was written for, under its name', () => {
    assert.equal(second.api.version, 1);
    assert.throws(() => muster.getApi(2 as 1, 'muster-tests.probe-extension'), /no API version 2/);
    assert.throws(() => muster.getApi(1, 'nobody.nothing'), /No extension/);
  });

  it('is given nothing but the versioned API', () => {
    const { shown, ...given } = extensions.getExtension<MusterUnderTest>('muster-ops.muster')!.exports;
    assert.ok(shown);
    assert.deepEqual(Object.keys(given).sort(), ['apiVersion', 'getApi']);
  });

  it('sees the inventory and selects hosts, all of them copies', async () => {
    await second.api.ready;
    const [inventory] = second.api.inventories;
    assert.deepEqual(
      inventory!.hosts.map(({ name, address }) => [name, address]),
      [['local', '127.0.0.1']],
    );
    (inventory!.hosts[0]!.labels as Record<string, string>)['role'] = 'changed';
    const [host] = await second.api.select('local');
    assert.deepEqual(host!.labels, {});
    await assert.rejects(second.api.select('loca'), { code: 'USAGE', hint: 'Did you mean “local”?' });
  });

  it('adds a kind of check: unknown before, with its settings validated after', async () => {
    await write(painted.replace('expect: green', 'expect: blue'));
    await until('an unknown type', () =>
      problems().some((text) => /unknown type “colour”: http, tcp/.test(text)),
    );
    registered = await second.registerColour();
    await until('a wrong setting', () => problems().some((text) => /green/.test(text)));
    await write(painted);
    await until('no problems', () => problems().length === 0);
    await rowWhen(muster, ['Ungrouped', 'b', 'paint'], () => true);
  });

  it('cannot take a kind that there is, nor one without a name', async () => {
    const probe = { description: '', check: () => Promise.reject(new Error('never')) };
    await assert.rejects(second.api.registerProbe('tcp', probe), /Muster’s own/);
    await assert.rejects(second.api.registerProbe('colour', probe), /of another extension/);
    await assert.rejects(second.api.registerProbe('Bad Name', probe), /cannot name/);
  });

  it('judges hosts: verdicts, what was expected, what went wrong, and events', async () => {
    const heard: MusterCheckEvent[] = [];
    const listening = second.api.onDidCheck((event) => heard.push(event));
    const results = await second.api.check({ selector: 'a b c' });
    listening.dispose();
    assert.deepEqual(
      results.map(({ host, status, message }) => [host, status, message]),
      [
        ['a', 'healthy', 'it is green'],
        ['b', 'unhealthy', 'it is not green'],
        ['c', 'unhealthy', 'it has no colour'],
      ],
    );
    assert.deepEqual(results[1]!.mismatch, { expected: 'green', actual: 'red' });
    assert.ok(results[2]!.error!.causes.includes('nobody painted it'));
    assert.deepEqual(heard.map(({ result }) => result.host).sort(), ['a', 'b', 'c']);
    await rowWhen(muster, ['Ungrouped', 'b', 'paint'], ({ icon }) => icon === 'error');
    assert.deepEqual(second.probed.at(0)!.labels, { colour: 'green' });
  });

  it('has its checks cut at their time limit', async () => {
    await write(painted.replace('on: [a, b, c]', 'on: d, timeout: 200ms'));
    await until('the edit', () => second.api.inventories[0]!.checks[0]?.hosts.includes('d'));
    const [result] = await second.api.check({ selector: 'd' });
    assert.equal(result!.error?.code, 'TIMEOUT');
    await write(painted);
    await until('the edit', () => second.api.inventories[0]!.checks[0]?.hosts.includes('a'));
  });

  it('asks the user before it runs anything, and says who asks', async () => {
    const asked: (MessageOptions & { message: string })[] = [];
    Object.assign(window, {
      showWarningMessage: (message: string, options: MessageOptions) => {
        asked.push({ message, ...options });
        return Promise.resolve(undefined);
      },
    });
    assert.equal(await second.api.run({ selector: 'c', command: 'uptime' }), undefined);
    assert.equal(asked[0]!.modal, true);
    assert.match(
      asked[0]!.detail!,
      /Asked for by the extension Probe Extension \(muster-tests\.probe-extension\)/,
    );
  });

  it('needs the selector typed for protected hosts, and runs nothing where nothing may be changed', async () => {
    let typed = 0;
    Object.assign(window, {
      showWarningMessage: (_: string, __: MessageOptions, _refusal: string, answer: string) =>
        Promise.resolve(answer),
      showInputBox: () => Promise.resolve(void typed++),
    });
    assert.equal(await second.api.run({ selector: 'b', command: 'uptime' }), undefined);
    assert.equal(typed, 1);
    await assert.rejects(second.api.run({ selector: 'a', command: 'uptime' }), { code: 'READ_ONLY' });
  });

  it('takes its kind of check back', async () => {
    registered!.dispose();
    await until('an unknown type', () => problems().some((text) => text.includes('unknown type “colour”')));
  });
});
