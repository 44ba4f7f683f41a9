import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { untilRead } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';

describe(`Compare Facts of Hosts, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: SshdFarm;
  let gone: Sshd;
  let folder: ScratchFolder;
  let workbench: Workbench;

  /** What lists the packages of a host. */
  const lister = (host: string) => join(farm.directory, host, 'dpkg-query');
  const installs = (host: string, version: string) =>
    writeFile(
      lister(host),
      `#!/bin/sh\nprintf 'l\\tii \\topenssl\\t${version}\\nl\\tii \\tzlib1g\\t1.3\\n'\n`,
      {
        mode: 0o755,
      },
    );

  beforeAll(async () => {
    farm = await SshdFarm.create();
    const hosts = await Promise.all(
      ['web-1', 'web-2', 'web-3', 'gone'].map(async (name) => {
        await mkdir(join(farm.directory, name));
        await installs(name, name === 'web-3' ? '3.0.11' : '3.0.13');
        const config = [`SetEnv HOME= PATH=${join(farm.directory, name)}:/usr/bin:/bin`];
        return { name, daemon: await farm.start({ config }) };
      }),
    );
    gone = hosts[3]!.daemon;
    await gone.stop();
    const rest = 'groups:\n  fleet: { hosts: ["*"] }\n';
    folder = await scratchFolder(await sshdInventory(farm, hosts, rest));
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'fleet').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  const asked = (text: string) => workbench.quickInput.getByText(text);
  const inTitle = (title: string) =>
    workbench.page.locator(`.editor-actions .action-label[aria-label^="${title}"]`).first();

  it('compares the facts that are chosen for a group, and names the host that cannot be reached', async () => {
    const question = asked('Compare which facts of 4 hosts?');
    await workbench.clickRowMenu('Hosts', 'fleet', 'Compare Facts of Hosts…', question);
    await workbench.screenshot('drift-facts');
    for (const [index, other] of ['os', 'python', 'libc', 'sysctl'].entries())
      await workbench.pick(other, asked(`${4 - index} Selected`));
    await workbench.pick('files…', asked('2 Selected'));
    await workbench.accept();
    await asked('Compare which files?').waitFor();
    await workbench.type('app.conf');
    await workbench.inputMessage('The path of a file begins with a slash');
    await workbench.type(join(farm.directory, 'known_hosts*'));
    await workbench.accept();
    const text = await workbench.textWith('Without an answer');
    expect(text).toContain('2 of 3 hosts agree; 1 without an answer\n  web-[1-2] (2)\n  web-3 (1)');
    expect(text).toContain('web-3\n  packages\n    openssl: 3.0.11 (others 3.0.13)\n');
    expect(text).toMatch(/Without an answer\n {2}gone: REFUSED: /);
    await workbench.screenshotInThemes('drift');
  });

  it('has its differences in the outline, and folds them', async () => {
    await workbench.runCommand('Go to Symbol in Editor...');
    await untilRead(
      'the outline',
      () => workbench.pickItems(),
      (items) =>
        items.some((item) => item.endsWith('web-3')) && items.some((item) => item.endsWith('packages')),
    );
    await workbench.page.keyboard.press('Escape');
    await workbench.runCommand('Fold All');
    const folded = () => workbench.text();
    await untilRead('only heads', folded, (text) => !text.includes('openssl') && text.includes('web-3'));
    await workbench.runCommand('Unfold All');
    await workbench.textWith('openssl');
  });

  it('compares two groups in the diff editor', async () => {
    const diff = workbench.page.locator('.monaco-diff-editor');
    await workbench.actUntil('the diff editor', diff, () => inTitle('Compare Two Groups of Hosts…').click());
    await untilRead(
      'both versions',
      async () => (await diff.innerText()).replaceAll('\u00a0', ' '),
      (text) => text.includes('openssl: 3.0.13') && text.includes('openssl: 3.0.11'),
    );
    await workbench.screenshotInThemes('drift-diff');
    await workbench.runCommand('View: Close Editor');
    await workbench.textWith('2 of 3 hosts agree');
  });

  it('asks again, in the same document', async () => {
    await installs('web-3', '3.0.13');
    await gone.resume();
    await workbench.actUntil(
      'the new outcome',
      async () => (await workbench.text()).includes('4 of 4 hosts agree'),
      () => inTitle('Refresh Facts of Hosts').click(),
    );
    expect(await workbench.text()).not.toContain('Without an answer');
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });
});
