import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../harness/openMuster';
import { untilTestEnds } from '../harness/untilTestEnds';

describe(`The VSIX, installed into a clean VS Code ${inject('vscodeVersion')}`, () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vsix-'));
    await writeFile(join(folder, 'muster.yaml'), 'hosts:\n  web-1: { address: 127.0.0.1 }\n');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('activates on a folder with a muster.yaml, shows its host and logs no error', async () => {
    const workbench = untilTestEnds(await openMuster(folder));
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'web-1').waitFor();
    const activation = await workbench.activationTime('Muster');
    expect(activation).toBeGreaterThan(0);
    expect(workbench.consoleErrors('muster')).toEqual([]);

    const { size } = await stat(inject('vsix'));
    console.log(`VSIX ${(size / 1024).toFixed(0)} KiB, activation ${activation} ms`);
  });
});
