import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { openMuster, sharedEditor } from '../../harness/openMuster';
import { scratchFolder } from '../../harness/scratchFolder';
import { treeRowWhen } from '../../harness/treeRowWhen';
import { extensionHosts } from '../../harness/vscodeServer';
import { untilTestEnds } from '../../harness/untilTestEnds';

const stored = `localStorage.getItem('left')`;

it(`A window begins with nothing of the one before it in its worker, in VS Code ${inject('vscodeVersion')}`, async () => {
  const folder = untilTestEnds(
    await scratchFolder({
      'muster.yaml': 'hosts: { local: { address: 127.0.0.1 } }\nchecks: { port: { type: tcp, port: 1 } }\n',
    }),
  );
  const { server } = sharedEditor();
  const kept = () => readdir(join(server.data, 'data', 'User'), { recursive: true });

  const first = await openMuster(folder.path, { settings: { 'muster.checks.staleAfter': '1h' } });
  try {
    await first.openViewContainer('Muster');
    await first.runCommand('Muster: Check All Hosts');
    await treeRowWhen(first, 'local', /^unhealthy/);
    await first.setTheme('dark');
    await first.page.evaluate(`localStorage.setItem('left', 'behind')`);
    expect(await first.page.evaluate(stored)).toBe('behind');
    expect((await kept()).join('\n')).toMatch(/workspaceStorage/);
    expect(await extensionHosts(server.pid)).toHaveLength(1);
  } finally {
    await first[Symbol.asyncDispose]();
  }
  expect(await kept()).toEqual([]);
  expect(await extensionHosts(server.pid)).toEqual([]);

  const second = untilTestEnds(await openMuster(folder.path));
  expect(await second.page.evaluate(stored)).toBeNull();
  await second.page.locator('.monaco-workbench.vs').waitFor();
  await second.openViewContainer('Muster');
  // Muster remembers in its storage of the folder what a check found.
  await treeRowWhen(second, 'local', /^127\.0\.0\.1$/, /^circle-outline$/);
});
