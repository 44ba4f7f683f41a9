import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { openMuster } from '../harness/openMuster';
import { until } from '../harness/until';
import { scratchFolder } from './scratchFolder';
import { treeRowWhen } from './treeRowWhen';

const good =
  'hosts:\n  web-[1:3]: { address: 127.0.0.1, labels: { role: web } }\n  db: { address: 127.0.0.1 }\n';

describe(`An inventory in VS Code ${inject('vscodeVersion')}`, () => {
  it('stays on screen when an edit breaks it, and says where', async () => {
    await using folder = await scratchFolder({ 'muster.yaml': good });
    await using workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'web-1').waitFor();
    await workbench.runCommand('Muster: Open Inventory at Host');
    await until('inventory', async () => (await workbench.text()).includes('web-[1:3]'));

    await folder.write('muster.yaml', good.replace('127.0.0.1', '['));
    await workbench.page.getByText('Showing the last good inventory.').waitFor();
    expect((await workbench.treeRows('Hosts')).map(({ name }) => name)).toEqual([
      'web-1',
      'web-2',
      'web-3',
      'db',
    ]);
    const problems = await workbench.problems();
    expect(problems.join('\n')).toMatch(/Muster/);
    await workbench.screenshotInThemes('broken-inventory');

    await folder.write('muster.yaml', good);
    await workbench.page.getByText('Showing the last good inventory.').waitFor({ state: 'detached' });
  });

  it('is said to be unreadable when it is, and created with an example that is sound', async () => {
    await using folder = await scratchFolder({ 'muster.yaml': 'hosts:\n  web: { adress: 1\n' });
    await using workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.page.getByRole('button', { name: 'Show Problems' }).waitFor();
    expect(await workbench.welcomeText()).toContain('The inventory of this folder cannot be read.');
    await workbench.screenshotInThemes('unreadable-inventory');
    await rm(join(folder.path, 'muster.yaml'));
    await workbench.page.getByRole('button', { name: 'Create muster.yaml' }).click();
    await workbench.treeRow('Hosts', 'localhost').waitFor();
    await until('template', async () => (await workbench.text()).includes('# The hosts of this folder.'));
    expect(await workbench.statusBarItem('muster.fleet')).toBe('server 1');
    await workbench.screenshot('created-inventory');
  });

  it('of 1,000 hosts is checked with all rows in their final state', async () => {
    const text = `hosts:
  node-[0001:1000]: { address: 127.0.0.1, labels: { role: node } }
groups:
  nodes: { select: "role=node" }
checks:
  port: { type: tcp, port: 1 }
`;
    await using folder = await scratchFolder({ 'muster.yaml': text });
    await using workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'node-0001').waitFor();
    await workbench.runCommand('Muster: Check All');
    await treeRowWhen(workbench, 'nodes', /^0\/1000 · 1000 unhealthy$/, /^error$/);
    await until('badge', async () => (await workbench.badge('Muster')) !== '');
    await until('status bar', async () => (await workbench.statusBarItem('muster.fleet')) === 'error 0/1000');
    const hosts = (await workbench.treeRows('Hosts')).filter(({ name }) => name.startsWith('node-'));
    expect(hosts.length).toBeGreaterThan(10);
    expect(new Set(hosts.map(({ icon }) => icon))).toEqual(new Set(['error']));
    await workbench.screenshotInThemes('thousand-hosts');
  });
});
