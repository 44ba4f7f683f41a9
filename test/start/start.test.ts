import { access, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProcessGroup, startProcessGroup } from '../harness/processGroup';
import { until } from '../harness/until';

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
