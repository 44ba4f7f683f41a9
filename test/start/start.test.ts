import { access, chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expandHostSet } from '../../src/platform/inventory/selection/hostSet';
import { launchChromium } from '../harness/launchChromium';
import { type ProcessGroup, startProcessGroup } from '../harness/processGroup';
import { until } from '../harness/until';

/** The folders of PATH that hold no such program. */
async function pathWithout(program: string): Promise<string> {
  const folders = process.env.PATH!.split(delimiter);
  const holds = await Promise.all(
    folders.map((folder) =>
      readdir(folder).then(
        (names) => names.includes(program),
        () => false,
      ),
    ),
  );
  return folders.filter((_, index) => !holds[index]).join(delimiter);
}

/** Milliseconds for a build and a lab on a busy machine. */
const patience = 240_000;

describe('npm start', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-start-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    startProcessGroup(process.execPath, ['scripts/start.mjs', ...args], { env: { ...process.env, ...env } });
  const ended = (group: ProcessGroup) =>
    until('end of npm start', () => group.exitCode() !== undefined, patience);
  const workspaceOf = (group: ProcessGroup) => dirname(/--inventory (\S+)/.exec(group.output())![1]!);

  it('does the main job on the lab with --headless, finds its sick hosts, and leaves nothing behind', async () => {
    await using group = await start(['--headless']);
    await ended(group);
    expect(group.output()).toMatch(/All \d verdicts that the lab is built to give were found, and no other/);
    expect(group.exitCode()).toBe(0);
    await expect(access(workspaceOf(group))).rejects.toThrow('ENOENT');
  });

  it('gives a short address of today’s VS Code, with the Hosts view in front and the walkthrough open', async () => {
    // A machine without VS Code.
    await using group = await start([], { PATH: await pathWithout('code') });
    const [, url] = await group.outputMatches(/VS Code with Muster: (\S+)/, patience);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const told = /The lab is up: 12 hosts, (\d) of them sick/.exec(group.output())![1];
    const table = /\n\$ muster check [^]*?\n\$ muster run/.exec(group.output())![0];
    // Hosts that are sick in the same way stand in one row.
    const sick = [...table.matchAll(/^(?:unhealthy|degraded)\s+(\S+)/gm)].flatMap(([, hosts]) =>
      expandHostSet(hosts!),
    );
    expect(String(new Set(sick).size)).toBe(told);

    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      page.setDefaultTimeout(60_000);
      await page.goto(url!);
      await page.locator('.pane-header[aria-label="Hosts Section"][aria-expanded="true"]').waitFor();
      await page.locator('.part.sidebar .monaco-list-row', { hasText: 'web' }).first().waitFor();
      await page.locator('.getting-started-step', { hasText: 'Start the lab' }).waitFor();
      const heightOf = async (view: string) =>
        (await page.locator(`.pane:has(> .pane-header[aria-label="${view} Section"])`).boundingBox())!.height;
      // Nothing was run yet, so Runs is a title only, and the hosts have what is left.
      expect(await heightOf('Runs')).toBeLessThan(30);
      expect(await heightOf('Hosts')).toBeGreaterThan(400);
      await page.screenshot({ path: join('test-results', 'screenshots', 'start.png') });
    } finally {
      await browser.close();
    }
  });

  it('opens the workspace of the running lab in the `code` that is on PATH, with the extension', async () => {
    const record = join(folder, 'record');
    const code = join(folder, 'code');
    await writeFile(
      code,
      `#!/bin/sh\nprintf '%s\\n' "$@" > '${record}'\nfor last; do :; done\ncp "$last/muster.yaml" '${record}.yaml'\n`,
    );
    await chmod(code, 0o755);
    await using group = await start([], { PATH: `${folder}${delimiter}${process.env.PATH}` });
    await ended(group);
    const workspace = workspaceOf(group);
    const extension = `--extensionDevelopmentPath=${resolve('.')}`;
    const given = (await readFile(record, 'utf8')).trim().split('\n');
    expect(given).toEqual(['--wait', '--new-window', extension, workspace]);
    expect(await readFile(`${record}.yaml`, 'utf8')).toContain('bastion:');
    expect(group.exitCode()).toBe(0);
    // The lab ends when its window is closed.
    await expect(access(workspace)).rejects.toThrow('ENOENT');
  });
});
