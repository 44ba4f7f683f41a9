import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../harness/openMuster';
import { until } from '../../harness/until';
import type { Workbench } from '../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../harness/scratchFolder';

const inventory = `hosts:
  web-[1:3]: { address: 127.0.0.1, labels: { role: web, env: prod } }
  web-10: { address: 127.0.0.1, labels: { role: web, env: dev } }
  db: { address: 127.0.0.1, labels: { role: db, env: dev } }
  bastion: { address: 127.0.0.1 }
groups:
  web: { select: "role=web" }
checks:
  port: { type: tcp, port: 1, on: db }
`;

describe(`The Hosts view, in VS Code ${inject('vscodeVersion')}`, () => {
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    folder = await scratchFolder({ 'muster.yaml': inventory, 'notes.txt': '' });
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'web').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const names = async () => (await workbench.treeRows('Hosts')).map(({ name }) => name);
  const shows = (expected: string[]) =>
    until(expected.join(', '), async () => (await names()).join() === expected.join());
  const selected = (name: string) =>
    workbench.treeRow('Hosts', name).and(workbench.page.locator('[aria-selected="true"]'));
  const choose = async (command: string, item: string) => {
    await workbench.runCommand(command);
    await workbench.pick(item);
  };

  it('groups by what the inventory says, by a label, or not at all', async () => {
    await shows(['web', 'web-1', 'web-2', 'web-3', 'web-10', 'Ungrouped', 'db', 'bastion']);
    await choose('Muster: Group Hosts By…', 'Label env');
    await shows(['env=dev', 'env=prod', 'without env']);
    await workbench.expandTreeRow('Hosts', 'env=prod');
    await shows(['env=dev', 'env=prod', 'web-1', 'web-2', 'web-3', 'without env']);
    await workbench.screenshotInThemes('hosts-by-label');
    await choose('Muster: Group Hosts By…', 'Nothing: a flat list');
    await shows(['web-1', 'web-2', 'web-3', 'web-10', 'db', 'bastion']);
  });

  it('sorts by name, or with the worst on top as soon as it is known', async () => {
    await choose('Muster: Sort Hosts By…', 'Name');
    await shows(['bastion', 'db', 'web-1', 'web-2', 'web-3', 'web-10']);
    await choose('Muster: Sort Hosts By…', 'State, the worst first');
    await workbench.runCommand('Muster: Check All Hosts');
    await shows(['db', 'bastion', 'web-1', 'web-2', 'web-3', 'web-10']);
  });

  it('shows the hosts of a selector, and how many of all they are', async () => {
    await workbench.runCommand('Muster: Filter Hosts…');
    await workbench.type('env=dev');
    await workbench.inputMessage('2 of 6 hosts');
    await workbench.screenshot('filter');
    await workbench.accept();
    await shows(['db', 'web-10']);
    await workbench.page.getByText('2 of 6 hosts match “env=dev”.').waitFor();
    await workbench.runCommand('Muster: Clear Hosts Filter');
    await shows(['db', 'bastion', 'web-1', 'web-2', 'web-3', 'web-10']);
  });

  it('is found from the inventory, and leads back to it', async () => {
    const line = workbench.page.locator('.monaco-editor .view-line', { hasText: 'bastion' }).first();
    await workbench.clickRowMenu('Hosts', 'db', 'Open Inventory at Host', line);
    await workbench.clickTreeRow('Hosts', 'web-1', selected('web-1'));
    await workbench.actUntil('bastion revealed', selected('bastion'), async () => {
      await line.click();
      await workbench.runCommand('Muster: Reveal in Hosts View');
    });
    await workbench.runCommand('View: Close All Editors');
  });

  it('gives the names of hosts to the clipboard, and to an editor that they are dragged into', async () => {
    await workbench.openFile('notes.txt');
    await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const selectBoth = async () => {
      await workbench.treeRow('Hosts', 'web-2').click();
      await workbench.treeRow('Hosts', 'web-10').click({ modifiers: ['ControlOrMeta'] });
      await selected('web-2').waitFor();
      await selected('web-10').waitFor();
    };
    await selectBoth();
    await workbench.clickRowMenu('Hosts', 'web-10', 'Copy Host Name', async () => {
      const text = await workbench.page.evaluate('navigator.clipboard.readText()');
      return text === 'web-2\nweb-10';
    });
    const target = workbench.page.locator('.part.editor .monaco-editor .view-lines').first();
    const { mouse, keyboard } = workbench.page;
    const centre = async (box: Promise<{ x: number; y: number; width: number; height: number } | null>) => {
      const { x, y, width, height } = (await box)!;
      return [x + width / 2, y + height / 2] as const;
    };
    const isDropped = async () => (await workbench.text()).includes('web-2 web-10');
    await workbench.actUntil('the names in the editor', isDropped, async () => {
      await selectBoth();
      await mouse.move(...(await centre(workbench.treeRow('Hosts', 'web-10').boundingBox())));
      await mouse.down();
      const [x, y] = await centre(target.boundingBox());
      await mouse.move(x, y, { steps: 10 });
      await keyboard.down('Shift');
      await mouse.move(x + 5, y + 5, { steps: 5 });
      await mouse.up();
      await keyboard.up('Shift');
    });
    await workbench.screenshot('dragged');
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });
});
