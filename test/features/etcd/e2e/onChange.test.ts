import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { EtcdFarm } from '../../../harness/etcd';
import { openMuster } from '../../../harness/openMuster';
import { SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { until } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';

describe(`Rules for changes of keys, in VS Code ${inject('vscodeVersion')}`, () => {
  let etcd: EtcdFarm;
  let farm: SshdFarm;
  let folder: ScratchFolder;
  let workbench: Workbench;
  let inventory = '';

  beforeAll(async () => {
    [etcd, farm] = await Promise.all([EtcdFarm.start(), SshdFarm.create()]);
    const daemon = await farm.start();
    folder = await scratchFolder();
    const hosts = [
      { name: 'web-1', daemon, labels: '{ role: web }' },
      { name: 'db-1', daemon, labels: '{ role: db, env: prod }' },
    ];
    const rest = `checks:
  login: { type: ssh }
etcd:
  main:
    endpoints: ["${etcd.endpoints[0]}"]
    prefix: /config/
    onChange:
      reload-web: { keys: web/, on: role=web, run: "echo reload >> ${join(folder.path, 'web')}", settle: 200ms }
      reload-db: { keys: db/, on: role=db, run: "echo reload >> ${join(folder.path, 'db')}", settle: 200ms }
`;
    const files = await sshdInventory(farm, hosts, rest);
    inventory = files['muster.yaml'];
    for (const [name, text] of Object.entries(files)) await folder.write(name, text);
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'web-1').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
    await etcd?.[Symbol.asyncDispose]();
  });

  const runsOn = async (name: string) =>
    (await readFile(join(folder.path, name), 'utf8').catch(() => '')).split('\n').filter(Boolean).length;
  /** The window may still be about to begin its watch: what changed before is not told. */
  const changeUntilTold = async (key: string, text: string) => {
    let number = 0;
    const told = workbench.page.locator('.notifications-toasts', { hasText: text });
    const change = () => etcd.etcdctl('put', key, String(++number));
    await workbench.actUntil(`told: ${text}`, told, change, 5000);
  };

  it('offer the run on the hosts that a change affects, and check them afterwards', async () => {
    await changeUntilTold('/config/web/port', '/config/web/port changed in etcd main.');
    const { message, buttons } = await workbench.notification('/config/web/port changed');
    expect(message).toContain('on web-1?');
    expect(buttons).toEqual(expect.arrayContaining(['Run…', 'Always Run…', 'Show Changes', 'Check']));
    expect(await runsOn('web')).toBe(0);
    await workbench.screenshot('onchange-question');
    await workbench.answerNotification('/config/web/port changed', 'Run…');
    const { detail } = await workbench.dialog();
    expect(detail).toContain('reload-web');
    await workbench.answerDialog('Run');
    const { message: outcome } = await workbench.notification('1 ok');
    expect(outcome).toContain('Checks: 1 healthy.');
    expect(await runsOn('web')).toBe(1);
  });

  it('run by themselves once that was agreed to, on hosts that are not protected', async () => {
    await etcd.etcdctl('put', '/config/web/port', 'again');
    await workbench.answerNotification('/config/web/port changed', 'Always Run…');
    const { message } = await workbench.dialog();
    expect(message).toMatch(/^Always run “echo reload/);
    await workbench.screenshot('onchange-consent');
    await workbench.answerDialog('Always Run');
    await until('the run', async () => (await runsOn('web')) === 2);
    await etcd.etcdctl('put', '/config/web/port', 'by itself');
    await until('the run by itself', async () => (await runsOn('web')) === 3);
    await workbench.screenshot('onchange-outcome');
  });

  it('ask again when they were edited', async () => {
    const edited = inventory
      .replace('settle: 200ms', 'settle: 300ms')
      .replace('checks:', '  edited: { address: 127.0.0.1 }\nchecks:');
    await folder.write('muster.yaml', edited);
    await workbench.runCommand('Notifications: Clear All Notifications');
    await workbench.runCommand('Muster: Refresh Inventory');
    await workbench.treeRow('Hosts', 'edited').waitFor();
    await changeUntilTold('/config/web/port', 'Run “echo reload');
    expect(await runsOn('web')).toBe(3);
  });

  it('have the selector of protected hosts typed', async () => {
    await workbench.runCommand('Notifications: Clear All Notifications');
    await changeUntilTold('/config/db/size', '/config/db/size changed in etcd main.');
    await workbench.answerNotification('/config/db/size changed', 'Run…');
    await workbench.answerDialog('Continue…');
    await workbench.inputMessage('to run');
    await workbench.page.keyboard.press('Escape');
    expect(await runsOn('db')).toBe(0);
  });
});
