import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'mocha';
import { commands, Uri, window, workspace } from 'vscode';
import { EtcdFarm } from '../../../harness/etcd';
import { until } from '../../../harness/until';
import { activeMuster, row, rowWhen, type Muster } from '../../../harness/editor/muster';

const { showInformationMessage } = window;

describe('Rules for changes of keys', () => {
  let farm: EtcdFarm;
  let muster: Muster;
  let inventory: string;
  let text: string;

  before(async () => {
    muster = await activeMuster();
    farm = await EtcdFarm.start();
    inventory = Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'muster.yaml').fsPath;
    text = await readFile(inventory, 'utf8');
  });
  afterEach(() => Object.assign(window, { showInformationMessage }));
  after(async () => {
    await writeFile(inventory, text);
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(muster, ['local'], () => true);
    await farm[Symbol.asyncDispose]();
  });

  const show = async (rule: string, hosts: readonly string[], groups = '{}') => {
    await writeFile(
      inventory,
      `hosts:
${hosts.map((name) => `  ${name}: { address: 127.0.0.1 }`).join('\n')}
groups: ${groups}
checks:
  port: { type: tcp, port: ${farm.members[0]!.port} }
etcd:
  main:
    endpoints: ["${farm.endpoints[0]}"]
    prefix: /config/
    onChange:
      rule: { ${rule}, settle: 100ms }
`,
    );
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(muster, groups === '{}' ? [hosts[0]!] : ['safe', hosts[0]!], () => true);
  };
  const isChecked = (host: string) => row(muster, host)?.description.startsWith('healthy') ?? false;
  /** The rule may still be about to be followed. */
  const putUntilChecked = (key: string, host: string) => {
    let value = 0;
    return until(`${host} is checked`, async () => {
      await farm.etcdctl('put', key, String(++value));
      return isChecked(host);
    });
  };

  it('check the hosts that keys name, and no others', async () => {
    await show('keys: "hosts/{name}/", check: true, notify: false', ['named', 'other']);
    await putUntilChecked('/config/hosts/named/size', 'named');
    assert.equal(isChecked('other'), false);
  });

  it('are followed as they are now', async () => {
    await show('keys: all, on: second, check: true, notify: false', ['first', 'second']);
    await farm.etcdctl('put', '/config/hosts/first/size', '1');
    await putUntilChecked('/config/all', 'second');
    assert.equal(isChecked('first'), false);
  });

  it('offer no run where a host is read-only', async () => {
    const told: string[][] = [];
    Object.assign(window, {
      showInformationMessage: (...words: string[]) => Promise.resolve(void told.push(words)),
    });
    await show(
      'keys: all, on: guarded, run: reload',
      ['guarded'],
      '{ safe: { hosts: guarded, readOnly: true } }',
    );
    let value = 0;
    const [message, ...buttons] = await until('the message', async () => {
      await farm.etcdctl('put', '/config/all', String(++value));
      return told.find(([text]) => text?.includes('/config/all changed'));
    });
    assert.match(message!, /“reload” is not run: guarded read-only\.$/);
    assert.deepEqual(buttons, ['Show Changes', 'Check']);
  });

  it('are followed again when the cluster was away, and miss nothing of that time', async () => {
    const names = ['third', 'fourth'];
    await show('keys: "hosts/{name}/", check: true, notify: false', names);
    await putUntilChecked('/config/hosts/third/size', 'third');
    await farm.members[0]!.kill();
    await farm.members[0]!.start();
    await farm.etcdctl('put', '/config/hosts/fourth/size', '1');
    await until('fourth is checked', () => isChecked('fourth'));
  });
});
