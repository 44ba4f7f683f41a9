import { afterAll, beforeAll, describe, expect, it, inject } from 'vitest';
import { EtcdFarm } from '../../../harness/etcd';
import { openMuster } from '../../../harness/openMuster';
import { until } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { bytes, connect } from '../integration/etcdFixture';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { treeRowWhen } from '../../../harness/treeRowWhen';

const yaml = 'port: 80\nname: app\n';

describe(`The Config view, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: EtcdFarm;
  let folder: ScratchFolder;
  let workbench: Workbench;

  const put = (key: string, value: string, ...flags: string[]) =>
    farm.etcdctl('put', ...flags, '--', key, value);
  const bytesOf = async (key: string) => {
    const { kvs } = JSON.parse(await farm.etcdctl('get', '-w', 'json', '--', key)) as {
      kvs?: { value?: string }[];
    };
    return Buffer.from(kvs?.[0]?.value ?? '', 'base64');
  };
  const get = async (key: string) => (await bytesOf(key)).toString();

  beforeAll(async () => {
    farm = await EtcdFarm.start();
    await put('/config/app.yaml', yaml);
    await put('/config/app.yaml', yaml.replace('80', '8080'));
    await put('/config/app.yaml', yaml);
    await put('/config/feature/flags.properties', 'dark=true');
    await put('/config/feature/limits.json', '{ "rate": 5 }');
    await put('/config/a b/é 🚀%.toml', 'x = 1');
    await put('/prod/db', 'primary');
    await using cluster = await connect(farm.endpoints);
    await cluster.put(bytes('/config/blob'), Buffer.from([0, 1, 2, 255, 254, 77, 117]));
    for (let at = 0; at < 20_000; at += 100)
      await cluster.apply(
        Array.from({ length: 100 }, (_, index) => ({
          type: 'put' as const,
          key: bytes(`/config/many/${String(at + index).padStart(6, '0')}`),
          value: bytes('v'),
        })),
      );
    const endpoints = `endpoints: ["${farm.endpoints[0]}"]`;
    folder = await scratchFolder({
      // As on many a Chinese desktop, where VS Code does not save by itself either.
      '.vscode/settings.json': '{ "files.encoding": "gbk", "files.autoSave": "off" }',
      'muster.yaml': `hosts:
  local: { address: 127.0.0.1 }
etcd:
  main: { ${endpoints}, prefix: /config/ }
  audit: { ${endpoints}, prefix: /config/, readOnly: true }
  prod: { ${endpoints}, prefix: /prod/, protected: true }
`,
    });
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'local').waitFor();
    // The view has the place of the others.
    await workbench.setViewExpanded('Hosts', false);
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  const row = (name: string, description = /^/) => treeRowWhen(workbench, name, description, /^/, 'Config');
  const textIs = (part: string) => workbench.textWith(part);
  const opensKey = (name: string, part: string) =>
    workbench.clickTreeRow(
      'Config',
      name,
      workbench.page.locator('.part.editor .monaco-editor .view-line', { hasText: part }),
    );
  const typeAtEnd = async (text: string) => {
    await workbench.page.locator('.part.editor .editor-instance .view-lines').first().click();
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type(text);
  };
  const asksForKey = () => workbench.page.getByPlaceholder('Type the beginning or a part of a key').waitFor();
  const save = () => workbench.page.keyboard.press('Control+S');
  const names = async () => (await workbench.treeRows('Config')).map(({ name }) => name);
  const rowGone = (name: string) =>
    until(`the row ${name} gone`, async () => !(await names()).includes(name));
  /** VS Code says so where somebody types into what cannot be edited. */
  const takesNoText = async () => {
    await typeAtEnd('x');
    await workbench.page.locator('.part.editor .monaco-editor-overlaymessage').waitFor();
  };

  it('shows clusters, folders with their counts, and keys, as they are opened', async () => {
    await row('main');
    await workbench.expandTreeRow('Config', 'main');
    await row('main', /^1\/1 healthy · [\d.]+ MB$/);
    await row('many', /^20,000 keys$/);
    await row('feature', /^2 keys$/);
    await workbench.expandTreeRow('Config', 'feature');
    await row('limits.json');
    await workbench.expandTreeRow('Config', 'a b');
    await row('é 🚀%.toml');
    await workbench.screenshotInThemes('config');
  });

  it('follows what others change, and marks it until it is looked at', async () => {
    await put('/config/feature/new.conf', 'on');
    await row('new.conf');
    await row('feature', /^3 keys$/);
    const badge = workbench
      .treeRow('Config', 'new.conf')
      .locator('[class*="monaco-decoration-itemBadge"]')
      .first();
    await badge.waitFor();
    // A folder has it, too: it may be collapsed.
    const mark = workbench
      .treeRow('Config', 'feature')
      .locator('[class*="monaco-decoration-bubbleBadge"]')
      .first();
    await mark.waitFor();
    await workbench.screenshot('config-badge');
    await opensKey('new.conf', 'on');
    await badge.waitFor({ state: 'detached' });
    await mark.waitFor({ state: 'detached' });
    await farm.etcdctl('del', '/config/feature/new.conf');
    await rowGone('new.conf');
    await row('feature', /^2 keys$/);
  });

  it('opens keys as documents in their language, which are saved as one guarded write', async () => {
    await opensKey('app.yaml', 'port:');
    await textIs('port: 80');
    await workbench.statusBarItemSays('status.editor.mode', /^YAML$/);
    await typeAtEnd('debug: true\n');
    await save();
    await until('the key written', async () => (await get('/config/app.yaml')).endsWith('debug: true\n'));
  });

  it('does not overwrite what somebody else wrote, even when it is as long as before', async () => {
    await typeAtEnd('mine: 1\n');
    const theirs = (await get('/config/app.yaml')).replace('port: 80', 'port: 81');
    await put('/config/app.yaml', theirs);
    await save();
    const { buttons } = await workbench.notification('The content of the file is newer');
    expect(buttons).toEqual(expect.arrayContaining(['Compare', 'Overwrite']));
    // Both are side by side at once.
    await workbench.page.locator('.part.editor .monaco-diff-editor').waitFor();
    await workbench.editorTitled(/revision \d+ ↔ yours, not saved/);
    await textIs('port: 81');
    await textIs('mine: 1');
    expect(await get('/config/app.yaml')).toBe(theirs);
    await workbench.screenshotInThemes('config-conflict');
  });

  it('overwrites only what its user has seen, and keeps what was merged beside it', async () => {
    const seen = await get('/config/app.yaml');
    const unseen = seen.replace('port: 81', 'port: 82');
    await put('/config/app.yaml', unseen);
    await workbench.answerNotification('The content of the file is newer', 'Overwrite');
    const { buttons } = await workbench.notification('was changed at revision');
    expect(buttons).toContain('Retry');
    expect(await get('/config/app.yaml')).toBe(unseen);
    await textIs('port: 82');
    const mine = workbench.page.locator('.part.editor .monaco-diff-editor .modified .view-lines');
    await mine.click();
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type('merged: 1\n');
    await workbench.answerNotification('was changed at revision', 'Retry');
    await until('the key written', async () => (await get('/config/app.yaml')).endsWith('merged: 1\n'));
    expect(await get('/config/app.yaml')).toBe(`${seen.replace('port: 81', 'port: 80')}mine: 1\nmerged: 1\n`);
    await put('/config/app.yaml', seen);
    await workbench.runCommand('View: Close All Editors');
  });

  it('gives back the bytes that it read, whatever the encoding of files is', async () => {
    await put('/config/greeting.txt', '\ufeff端口 é\n');
    await row('greeting.txt');
    await opensKey('greeting.txt', '端口');
    await typeAtEnd('端 2');
    await save();
    await until('the key written', async () => (await get('/config/greeting.txt')) === '\ufeff端口 é\n端 2');
  });

  it('keeps the lease of a key that is saved', async () => {
    const lease = /lease (\S+)/.exec(await farm.etcdctl('lease', 'grant', '600'))![1]!;
    await put('/config/leased.txt', 'short', `--lease=${lease}`);
    await row('leased.txt', /lease/);
    await opensKey('leased.txt', 'short');
    await typeAtEnd(' life');
    await save();
    await until('the key written', async () => (await get('/config/leased.txt')) === 'short life');
    expect(await farm.etcdctl('lease', 'timetolive', lease, '--keys')).toContain('/config/leased.txt');
  });

  it('shows values that are no text as hexadecimal digits, which cannot be edited', async () => {
    await opensKey('blob', '00000000');
    await textIs('00 01 02 ff fe 4d 75');
    await workbench.screenshot('config-hex');
    await takesNoText();
    expect(await workbench.text()).not.toContain('x00');
    expect([...(await bytesOf('/config/blob'))]).toEqual([0, 1, 2, 255, 254, 77, 117]);
  });

  it('creates, duplicates, renames and deletes', async () => {
    const giveKey = async (name: string, title: string, key: string) => {
      const question = workbench.quickInput.locator('.quick-input-title', { hasText: title });
      await workbench.clickRowMenu('Config', name, `${title}…`, question);
      await workbench.type(key);
      await workbench.accept();
    };
    const remove = async (name: string, text: string) => {
      const question = workbench.dialogBox.filter({ hasText: text });
      await workbench.clickRowMenu('Config', name, 'Delete Keys…', question);
      await workbench.screenshot('config-delete');
      await workbench.answerDialog('Delete');
      await rowGone(name);
    };
    await giveKey('feature', 'New Key', '/config/feature/fresh.yaml');
    await row('fresh.yaml');
    await workbench.editorTitled(/^fresh/);
    await giveKey('limits.json', 'Duplicate Key', '/config/feature/limits-2.json');
    await row('limits-2.json');
    expect(await get('/config/feature/limits-2.json')).toBe('{ "rate": 5 }');
    await giveKey('limits-2.json', 'Rename Key', '/config/feature/limits-3.json');
    await row('limits-3.json');
    await rowGone('limits-2.json');
    await remove('limits-3.json', 'Delete /config/feature/limits-3.json?');
    await remove('feature', 'Delete 3 keys below /config/feature/?');
    expect(await farm.etcdctl('get', '--prefix', '--keys-only', '/config/feature/')).toBe('');
  });

  it('has the history of a key: revisions compared, and a deleted key brought back', async () => {
    await opensKey('app.yaml', 'port:');
    const revisions = () => workbench.treeRows('Key History');
    await workbench.clickRowMenu(
      'Config',
      'app.yaml',
      'Show Key History',
      async () => (await revisions()).length > 1,
    );
    const [newest] = await revisions();
    expect(newest!.description).toMatch(/^now · port: 81 /);
    const comparison = workbench.page.locator('.part.editor .monaco-diff-editor');
    await workbench.clickTreeRow('Key History', newest!.name, comparison);
    await textIs('port: 81');
    await workbench.editorTitled(/^\/config\/app\.yaml: revision \d+ ↔ \d+$/);
    await workbench.screenshotInThemes('config-history');
    await farm.etcdctl('del', '/config/app.yaml');
    const gone = await until('the deletion', async () =>
      (await revisions()).find(({ description }) => description.includes('deleted')),
    );
    expect(gone.description).toMatch(/seen at/);
    await workbench.clickRowMenu('Key History', newest!.name, 'Restore Revision…', workbench.dialogBox);
    const { message } = await workbench.dialog();
    expect(message).toMatch(/^Restore \/config\/app\.yaml as it was at revision \d+\?$/);
    await workbench.answerDialog('Restore');
    await until('the key back', async () => (await get('/config/app.yaml')).includes('port: 81'));
    await row('app.yaml');
  });

  it('asks before it writes to a protected cluster, and never writes to a read-only one', async () => {
    await workbench.expandTreeRow('Config', 'prod');
    await opensKey('db', 'primary');
    await typeAtEnd(' 2');
    await save();
    expect((await workbench.dialog()).message).toBe('Write /prod/db?');
    await workbench.answerDialog('Write to prod');
    await until('the key written', async () => (await get('/prod/db')) === 'primary 2');
    await workbench.runCommand('Muster Config: Open Key…');
    await workbench.pick('audit');
    await asksForKey();
    // Enter before anything was found.
    await workbench.type('/config/app.yaml');
    await workbench.accept();
    await textIs('port: 81');
    await takesNoText();
    expect(await workbench.text()).not.toContain('x');
  });

  it('opens a key by a part of it, says when there are more, and creates one that does not exist', async () => {
    // The folder was deleted by an earlier test.
    await put('/config/feature/limits.json', '{ "rate": 5 }');
    await workbench.runCommand('Muster Config: Open Key…');
    await workbench.pick('main');
    await asksForKey();
    await workbench.screenshot('config-open-key-all');
    await workbench.type('many/0');
    await workbench.page.getByText('main · the first 200 of 20,000 keys: type more of the key').waitFor();
    await workbench.type('LIMITS');
    await until('the key', async () => {
      const [first] = await workbench.pickItems();
      return first === '/config/feature/limits.json';
    });
    await workbench.screenshot('config-open-key');
    await workbench.accept();
    await textIs('"rate": 5');
    await workbench.actUntil(
      'the key',
      async () => (await workbench.editorTitle()) === 'made.conf',
      async () => {
        await workbench.runCommand('Muster Config: Open Key…');
        await workbench.pick('main');
        await asksForKey();
        await workbench.type('feature/made.conf');
        await workbench.page.getByText('Create key /config/feature/made.conf').click();
      },
    );
    expect(await farm.etcdctl('get', '--keys-only', '--', '/config/feature/made.conf')).toContain(
      'made.conf',
    );
  });

  it('finds keys by a part of them, and shows a folder of 20,000 page by page', async () => {
    await workbench.runCommand('Muster Config: Filter Keys…');
    await workbench.type('00199');
    await workbench.accept();
    await until('the keys found', async () => (await names()).includes('many/001990'));
    await workbench.screenshot('config-filter');
    await workbench.runCommand('Muster Config: Clear Key Filter');
    await row('many', /^20,000 keys$/);
    await workbench.expandTreeRow('Config', 'many');
    await opensKey('000000', 'v');
    // The document that opens may take the focus at any time.
    await until('the end', async () => {
      await workbench.pressInTree('Config', 'End');
      return (await names()).includes('Show more…');
    });
  });

  it('shows that a cluster has died, and how old what it knew is, until it is back', async () => {
    await workbench.actUntil('the top', workbench.treeRow('Config', 'main'), () =>
      workbench.pressInTree('Config', 'Home'),
    );
    await farm.members[0]!.kill();
    await row('main', /^not reachable · 1\/1 healthy \d+ (?:s|min) ago$/);
    await workbench.screenshotInThemes('config-not-reachable');
    await farm.members[0]!.start();
    await row('main', /^1\/1 healthy · [\d.]+ MB$/);
  });
});
