import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { checksAll } from '../../harness/manyHosts';
import { openMuster } from '../../harness/openMuster';
import { scratchFolder } from '../../harness/scratchFolder';
import { untilTestEnds } from '../../harness/untilTestEnds';

const good =
  'hosts:\n  web-[1:3]: { address: 127.0.0.1, labels: { role: web } }\n  db: { address: 127.0.0.1 }\n';

describe(`An inventory in VS Code ${inject('vscodeVersion')}`, () => {
  it('stays on screen when an edit breaks it, and says where', async () => {
    const folder = untilTestEnds(await scratchFolder({ 'muster.yaml': good }));
    const workbench = untilTestEnds(await openMuster(folder.path));
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'web-1').waitFor();
    await workbench.runCommand('Muster: Open Inventory at Host');
    await workbench.textWith('web-[1:3]');

    await folder.write('muster.yaml', good.replace('127.0.0.1', '['));
    await workbench.page.getByText('Showing the last good inventory.').waitFor();
    const rows = await workbench.treeRows('Hosts');
    expect(rows.map(({ name }) => name)).toEqual(['web-1', 'web-2', 'web-3', 'db']);
    await workbench.problems('Muster');
    await workbench.screenshotInThemes('broken-inventory');

    await folder.write('muster.yaml', good);
    await workbench.page.getByText('Showing the last good inventory.').waitFor({ state: 'detached' });
  });

  it('is said to be unreadable when it is, and created with an example that is sound', async () => {
    const folder = untilTestEnds(await scratchFolder({ 'muster.yaml': 'hosts:\n  web: { adress: 1\n' }));
    const workbench = untilTestEnds(await openMuster(folder.path));
    await workbench.openViewContainer('Muster');
    await workbench.page.getByRole('button', { name: 'Show Problems' }).waitFor();
    expect(await workbench.welcomeText()).toContain('The inventory of this folder cannot be read.');
    await workbench.screenshotInThemes('unreadable-inventory');
    await rm(join(folder.path, 'muster.yaml'));
    await workbench.page.getByRole('button', { name: 'Create muster.yaml' }).click();
    await workbench.treeRow('Hosts', 'localhost').waitFor();
    await workbench.textWith('# The hosts of this folder.');
    await workbench.statusBarItemSays('muster.fleet', /^server 1$/);
    await workbench.screenshot('created-inventory');
  });

  it('of 200 hosts is checked with all rows in their final state', () => checksAll(200));
});
