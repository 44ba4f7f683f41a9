import { expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { until } from '../../../harness/until';
import { scratchFolder } from '../../../harness/scratchFolder';
import { untilTestEnds } from '../../../harness/untilTestEnds';

const inventory = `# The fleet
hosts:
  bastion: { address: 127.0.0.1 } # the way in
  web-[1:3]:
    address: 127.0.0.1
    labels: { role: web, env: prod }
    ssh: { user: ops, port: 2222, proxyJump: bastion }

groups:
  web: { select: "role=web" }

checks:
  port: { type: tcp, port: 1, on: "@web" }
`;
// Browsers have it on.
const savedByHand = { '.vscode/settings.json': '{ "files.autoSave": "off" }' };
const table =
  'Hostname;IP;SSH User;Zone;Password\ndb-1;127.0.0.1;ops;a;x\ndb-2;127.0.0.1;;b;y\nbad name;127.0.0.1;;;\n';

it(`A muster.yaml is an outline of its fleet, and hosts are imported into it, in VS Code ${inject('vscodeVersion')}`, async () => {
  const folder = untilTestEnds(
    await scratchFolder({ 'muster.yaml': inventory, 'hosts.csv': table, ...savedByHand }),
  );
  const workbench = untilTestEnds(await openMuster(folder.path));
  const { page } = workbench;
  const text = (part: string) => workbench.textWith(part);
  const lens = (title: string) => page.locator('.codelens-decoration a', { hasText: title });
  const goTo = async (symbol: string) => {
    await workbench.runCommand('Go to Symbol in Editor...');
    await workbench.type(`@${symbol}`);
    await workbench.pick(symbol);
  };

  await workbench.openViewContainer('Muster');
  await workbench.treeRow('Hosts', 'web').waitFor();
  await workbench.runCommand('Muster: Open Inventory at Host');
  await text('# The fleet');

  // Lenses: what a group is and what can be done with it.
  await lens('Check').first().waitFor();
  await workbench.actUntil('the hosts of a lens', workbench.quickInput, () =>
    lens('3 hosts').first().click({ timeout: 15_000 }),
  );
  expect((await workbench.pickItems()).map((item) => item.trim())).toEqual(['web-1', 'web-2', 'web-3']);
  await workbench.pick('web-2');
  await until('web-2 in the Hosts view', async () =>
    /selected|focused/.test((await workbench.treeRow('Hosts', 'web-2').getAttribute('class')) ?? ''),
  );

  // Hover: where a host is, as whom and through what it is reached.
  await goTo('bastion');
  const hover = page.locator('.monaco-hover:visible', { hasText: 'SSH:' });
  await workbench.actUntil('the hover', hover, () => workbench.runCommand('Show or Focus Hover'));
  await workbench.screenshot('inventory-hover');
  await page.keyboard.press('Escape');

  // Renaming reaches every selector.
  await goTo('web');
  const input = page.locator('.rename-box input');
  await workbench.actUntil('the box for a name', input, () => workbench.runCommand('Rename Symbol'));
  await input.fill('front');
  await input.press('Enter');
  await text('front: { select: "role=web" }');
  await text('on: "@front"');

  // Import: secrets are left out, what is wrong is told, comments stay, nothing is saved unasked.
  await workbench.runCommand('Muster: Import Hosts from…');
  await until('the CSV file among the sources', async () =>
    (await page.locator('.quick-input-list').innerText()).includes('hosts.csv'),
  );
  await workbench.type('hosts.csv');
  await workbench.accept();
  await until('the columns', async () => (await workbench.pickItems()).join().includes('Zone'));
  await workbench.screenshot('inventory-import');
  await workbench.accept();
  await text('db-1: { address: 127.0.0.1, labels: { Zone: a }, ssh: { user: ops } }');
  await text('bastion: { address: 127.0.0.1 } # the way in');
  expect(await workbench.text()).not.toMatch(/Password|bad name/);
  const { message } = await workbench.notification('Imported from hosts.csv');
  expect(message).toContain('2 hosts added, 1 refused. Nothing is saved yet.');
  await workbench.screenshot('inventory-imported');
  await workbench.answerNotification('Imported from hosts.csv', 'Save');
  await workbench.treeRow('Hosts', 'front').waitFor();
});
