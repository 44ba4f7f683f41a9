import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { panelFrame } from '../../../harness/panelFrame';
import { freePort } from '../../../harness/ports';
import { SshdFarm } from '../../../harness/sshd';
import { untilRead } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';

describe(`The logs panel without a line, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: SshdFarm;
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    farm = await SshdFarm.create();
    const daemon = await farm.start();
    const knownHosts = await farm.write('known_hosts', await daemon.knownHostsLine());
    const ssh = (port: number) =>
      `ssh: { user: ${userInfo().username}, port: ${port}, identityFile: ${farm.clientKey}, knownHosts: ${knownHosts} }`;
    folder = await scratchFolder({});
    await folder.write('empty.log', '');
    const { path } = folder;
    await folder.write(
      'muster.yaml',
      `hosts:
  web-1: { address: ${daemon.address}, ${ssh(daemon.port)} }
  gone-1: { address: 127.0.0.1, ${ssh(await freePort())} }
logs:
  unreachable: { on: gone-1, path: ${join(path, 'empty.log')} }
  waiting: { on: web-1, path: ${join(path, 'later.log')} }
  quiet: { on: web-1, path: ${join(path, 'empty.log')} }
  silent: { on: web-1, command: sleep 1000 }
`,
    );
    workbench = await openMuster(path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'web-1').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  const part = (name: string) => panelFrame(workbench).locator(`.${name}`);

  it.each([
    {
      source: 'unreachable',
      state: 'Following 0 of 1 sources, 1: cannot be reached, trying again',
      reason: /^cannot be reached, trying again: .*refused.* — .+/i,
    },
    {
      source: 'waiting',
      state: 'Following 0 of 1 sources, 1: waiting for the file',
      reason: /^waiting for the file: .+later\.log$/,
    },
    { source: 'quiet', state: 'Following 1 of 1 sources', reason: /^No line so far\.$/ },
    { source: 'silent', state: 'Following 1 of 1 sources', reason: /^No line so far\.$/ },
  ])('says how it is with a source that is $source, and why', async ({ source, state, reason }) => {
    await workbench.runCommand('Muster Logs: Follow Logs…');
    await workbench.type('*');
    await workbench.accept();
    await workbench.pick(source);
    await workbench.pick('The Beginning');
    await part('empty').filter({ hasText: reason }).waitFor();
    await untilRead(
      'the state',
      () => part('state').innerText(),
      (shown) => shown === state,
    );
    await workbench.screenshotInThemes(`logs-${source}`);
    await workbench.runCommand('View: Close All Editors');
  });
});
