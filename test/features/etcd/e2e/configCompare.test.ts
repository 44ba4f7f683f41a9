import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { EtcdFarm } from '../../../harness/etcd';
import { openMuster } from '../../../harness/openMuster';
import { until } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { treeRowWhen } from '../../../harness/treeRowWhen';

const root = 'All differences';
describe(`The Comparison view, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: EtcdFarm;
  let folder: ScratchFolder;
  let workbench: Workbench;
  let outside: string;

  const put = (key: string, value: string) => farm.etcdctl('put', '--', key, value);
  const keysOf = async (prefix: string) => {
    const { kvs = [] } = JSON.parse(await farm.etcdctl('get', '--prefix', '-w', 'json', '--', prefix)) as {
      kvs?: { key: string; value: string }[];
    };
    const text = (base64: string) => Buffer.from(base64, 'base64').toString();
    return Object.fromEntries(kvs.map(({ key, value }) => [text(key).slice(prefix.length), text(value)]));
  };

  beforeAll(async () => {
    farm = await EtcdFarm.start();
    await put('/staging/app.yaml', 'port: 8080\nworkers: 8\nname: shop\n');
    await put('/staging/feature/dark.properties', 'on=true');
    await put('/staging/feature/limits.json', '{ "rate": 5 }');
    await put('/staging/same', '1');
    await put('/prod/app.yaml', 'port: 8080\nworkers: 4\nname: shop\n');
    await put('/prod/feature/limits.json', '{ "rate": 2 }');
    await put('/prod/legacy/token', 'x');
    await put('/prod/same', '1');
    const endpoints = `endpoints: ["${farm.endpoints[0]}"]`;
    folder = await scratchFolder({
      'muster.yaml': `hosts:
  local: { address: 127.0.0.1 }
etcd:
  staging: { ${endpoints}, prefix: /staging/ }
  prod: { ${endpoints}, prefix: /prod/, protected: true }
  frozen: { ${endpoints}, prefix: /prod/, readOnly: true }
`,
      'keys.yaml': `muster: etcd-prefix/1
cluster: staging
prefix: /staging/
keys:
  app.yaml: |
    port: 9090
    workers: 8
    name: shop
  same: "1"
  from file: new
`,
    });
    outside = await mkdtemp(join(tmpdir(), 'exported-'));
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'local').waitFor();
    // The views that matter have the place of the others.
    await workbench.setViewExpanded('Hosts', false);
    await workbench.setViewExpanded('Runs', false);
    await workbench.treeRow('Config', 'staging').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
    if (outside) await rm(outside, { recursive: true });
  });

  const row = (name: string, description = /^/) =>
    treeRowWhen(workbench, name, description, /^/, 'Comparison');
  const names = async () => (await workbench.treeRows('Comparison')).map(({ name }) => name);
  const message = (text: string) => workbench.page.getByText(text).first().waitFor();
  const check = (name: string, selected: string) =>
    workbench.actUntil(`${selected} selected`, workbench.page.getByText(`${selected} selected`), () =>
      workbench
        .treeRow('Comparison', name)
        .locator('.custom-view-tree-node-item-checkbox')
        .click({ timeout: 15_000 }),
    );
  const expand = async (name: string, child: string) => {
    await workbench.expandTreeRow('Comparison', name);
    await row(child);
  };
  const apply = () => workbench.runCommand('Muster Config: Apply Selected Differences to Right…');
  const textIs = (part: string) => workbench.textWith(part);

  it('shows two prefixes as a tree of differences, each of which opens as one', async () => {
    await workbench.clickRowMenu('Config', 'staging', 'Compare Prefix With…', workbench.quickInput);
    await workbench.pick('prod');
    await workbench.inputMessage('What the keys in prod begin with');
    await workbench.accept();
    await row(root, /^A 1 · M 2 · D 1$/);
    await workbench.setViewExpanded('Config', false);
    await message('staging:/staging/ → prod:/prod/: 1 to add, 2 to change, 1 to remove, 1 the same');
    await row('feature', /^A 1 · M 1$/);
    await expand('feature', 'limits.json');
    await expand('legacy', 'token');
    const comparison = workbench.page.locator('.part.editor .monaco-diff-editor');
    await workbench.clickTreeRow('Comparison', 'app.yaml', comparison);
    await textIs('workers: 4');
    await textIs('workers: 8');
    await check('feature', '2 of 4');
    await workbench.screenshotInThemes('compare-tree');
  });

  it('applies what is checked in one transaction, after asking, and removes nothing else', async () => {
    await check(root, '3 of 4');
    await apply();
    const { message: question, detail } = await workbench.dialog();
    expect(question).toBe('Apply 3 keys to prod:/prod/?');
    expect(detail).toContain('1 to add, 2 to change, 0 to remove');
    expect(detail).toContain('In one transaction');
    await workbench.screenshot('compare-apply');
    await workbench.answerDialog('Apply');
    await workbench.inputMessage('Type “prod” to write to it.');
    await workbench.type('prod');
    await workbench.accept();
    await workbench.notification('Applied: 3 keys at revision');
    expect(await keysOf('/prod/')).toEqual({ ...(await keysOf('/staging/')), 'legacy/token': 'x' });
    await row(root, /^D 1$/);
  });

  it('writes nothing where somebody else was faster, and marks what it was', async () => {
    await workbench.runCommand('Muster Config: Swap Sides of Comparison');
    await message('prod:/prod/ → staging:/staging/');
    await row(root, /^A 1$/);
    await put('/prod/app.yaml', 'port: 1\n');
    await workbench.runCommand('Muster Config: Refresh Comparison');
    await row('app.yaml');
    await check(root, '2 of 2');
    await put('/staging/app.yaml', 'port: 2\n');
    const before = await keysOf('/staging/');
    await apply();
    await workbench.answerDialog('Apply');
    const { message: told } = await workbench.notification('Changed meanwhile');
    expect(told).toContain('/staging/app.yaml');
    expect(told).toContain('Nothing was written.');
    expect(await keysOf('/staging/')).toEqual(before);
    await treeRowWhen(workbench, 'app.yaml', /^was changed meanwhile/, /warning/, 'Comparison');
    await workbench.screenshotInThemes('compare-conflict');
  });

  it('exports a prefix, and shows what a file would change before it is imported', async () => {
    const file = join(outside, 'prod.yaml');
    await workbench.setViewExpanded('Config', true);
    await workbench.clickRowMenu('Config', 'prod', 'Export Prefix…', workbench.quickInput);
    await workbench.chooseFile(file);
    await until('the file', () => readFile(file).catch(() => undefined));
    await workbench.notification('Exported 5 keys');
    const text = await readFile(file, 'utf8');
    expect(text).toContain('prefix: /prod/\n');
    expect(text).toContain('  feature/dark.properties: on=true\n');

    await workbench.clickRowMenu('Config', 'staging', 'Import Prefix…', workbench.quickInput);
    await workbench.chooseFile(join(folder.path, 'keys.yaml'));
    await workbench.setViewExpanded('Config', false);
    await message('keys.yaml → staging:/staging/');
    await row(root, /^A 1 · M 1 · D 2$/);
    const imported = workbench.page.locator('.part.editor .view-line', { hasText: 'port: 9090' });
    await workbench.clickTreeRow('Comparison', 'app.yaml', imported);
    await workbench.screenshotInThemes('compare-import');
    await check(root, '2 of 4');
    await apply();
    await workbench.answerDialog('Apply');
    await workbench.notification('Applied: 2 keys at revision');
    expect(await keysOf('/staging/')).toMatchObject({
      'from file': 'new',
      'feature/limits.json': '{ "rate": 5 }',
    });
    await workbench.runCommand('Muster Config: Close Comparison');
    await until('the view gone', async () => (await names()).length === 0);
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });
});
