import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { openMuster, sharedEditor } from '../../../harness/openMuster';
import { scratchFolder } from '../../../harness/scratchFolder';
import { until } from '../../../harness/until';
import { untilTestEnds } from '../../../harness/untilTestEnds';

it(`The extension host is profiled by a command, and its flame graph opens, in VS Code ${inject('vscodeVersion')}`, async () => {
  const folder = untilTestEnds(
    await scratchFolder({ 'muster.yaml': 'hosts: { a: { transport: local } }\n' }),
  );
  const workbench = untilTestEnds(await openMuster(folder.path));
  await workbench.openViewContainer('Muster');
  await workbench.treeRow('Hosts', 'a').waitFor();
  const command = 'Muster Profiles: Record CPU Profile of the Extension Host';
  await workbench.runCommand(command);
  const title = 'Recording the extension host';
  await workbench.notification(title);
  await workbench.runCommand(command);
  await workbench.notification('A recording is under way');
  await workbench.answerNotification(title, 'Cancel');
  await workbench.editorTitled(/^extension-host-.*\.cpuprofile$/);
  const graph = await until('the flame graph', async () => {
    for (const frame of workbench.page.frames())
      if (await frame.locator('canvas').first().isVisible()) return frame;
    return undefined;
  });
  expect(await graph.locator('canvas').count()).toBeGreaterThan(0);
  await workbench.screenshot('extension-host-profile');
  const data = join(sharedEditor().server.data, 'data', 'User', 'globalStorage');
  const files = (await readdir(data, { recursive: true })).filter((name) => name.endsWith('.cpuprofile'));
  expect(files).toHaveLength(1);
  expect((await stat(join(data, files[0]!))).mode & 0o077).toBe(0);
  expect(workbench.consoleErrors('muster')).toEqual([]);
});
