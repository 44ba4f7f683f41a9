import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { type MessageOptions, window } from 'vscode';
import type { SshSettings } from '../../../src/platform/inventory/model';
import { CredentialPrompts } from '../../../src/shell/editor/prompts/credentialPrompts';
import { editorAuthority } from '../../../src/shell/editor/prompts/editorAuthority';
import { HostKeyPrompts } from '../../../src/shell/editor/prompts/hostKeyPrompts';
import { unattended } from '../../../src/shell/editor/prompts/unattended';
import { Redactor } from '../../../src/platform/redaction/redactor';
import { freePort } from '../../harness/ports';
import { generateKey, type Sshd, SshdFarm } from '../../harness/sshd';
import { until } from '../../harness/until';
import { startPasswordServer } from '../../platform/integration/ssh/passwordServer';
import { failure, host, hostOn, poolFor, run } from '../../platform/integration/ssh/sshFixture';
import { memoryStorage } from '../../harness/editor/memoryStorage';

const editorItself = {
  showWarningMessage: window.showWarningMessage,
  showInformationMessage: window.showInformationMessage,
  showInputBox: window.showInputBox,
};

/** The password that works at both machines, which a person types when asked, and keeps. */
const password = 'secret';

describe('A password that the editor keeps', () => {
  let farm: SshdFarm;
  let bastion: Sshd;
  let port: number;
  let honestKey: string;
  let evilKey: string;
  let typed = 0;
  let modals: { message: string; detail: string; buttons: string[] }[] = [];

  before(async () => {
    farm = await SshdFarm.create();
    bastion = await farm.start();
    port = await freePort('127.0.0.1');
    [honestKey, evilKey] = (await Promise.all(
      ['honest', 'evil'].map((name) => generateKey(join(farm.directory, name), 'ed25519')),
    )) as [string, string];
  });
  after(() => farm[Symbol.asyncDispose]());
  afterEach(() => {
    Object.assign(window, editorItself);
    typed = 0;
    modals = [];
  });

  /** A person who presses this button of the modal, and keeps what was typed. */
  function person(press: 'Send' | 'Type Another' | undefined) {
    Object.assign(window, {
      showInputBox: () => Promise.resolve(typed++ < 10 ? password : undefined),
      showInformationMessage: () => Promise.resolve('Keep'),
      showWarningMessage: (message: string, { detail = '' }: MessageOptions, ...buttons: string[]) => {
        modals.push({ message, detail, buttons });
        return Promise.resolve(press);
      },
    });
  }

  const jump = { proxyJump: ['bastion'] };

  /** One window connects to the address of the host, where a machine with this key listens; tells what it was sent. */
  async function connected(
    storage: ReturnType<typeof memoryStorage>,
    {
      key,
      ssh = {},
      isOfProject = false,
      times = 1,
      alone = false,
    }: {
      key: string;
      ssh?: SshSettings;
      /** Whether it is the project that vouches for the key, and not the user. */
      isOfProject?: boolean;
      times?: number;
      alone?: boolean;
    },
  ): Promise<string[]> {
    await using server = await startPasswordServer(key, ['password'], undefined, undefined, undefined, port);
    const folder = join(farm.directory, 'project');
    await mkdir(folder, { recursive: true });
    const line = await bastion.knownHostsLine(key, `[127.0.0.1]:${port}`);
    const project = join(folder, 'known_hosts');
    await writeFile(project, isOfProject ? line : '');
    const credentials = new CredentialPrompts(storage, new Redactor());
    const authority = editorAuthority(new HostKeyPrompts(), credentials);
    const settings = { port, user: 'ops', identityFile: [], ...ssh };
    const target = host('db-1', '127.0.0.1', isOfProject ? { ...settings, knownHosts: [project] } : settings);
    for (let time = 0; time < times; time++) {
      credentials.batchBegan();
      await using pool = await poolFor(farm, [bastion], {
        ...{ authority, idleMs: 1 },
        inventoryFile: () => join(folder, 'muster.yaml'),
        inventoryHost: (name) => (name === 'bastion' ? hostOn(farm, bastion, {}, name) : undefined),
      });
      await writeFile(
        join(farm.directory, 'known_hosts'),
        (isOfProject ? '' : line) + (await bastion.knownHostsLine()),
      );
      const work = () => run(pool, target, 'true');
      const outcome = await (alone ? unattended(work) : work()).then(
        () => 'in',
        async (error: Error) => (await failure(Promise.reject(error))).code,
      );
      assert.ok(outcome === 'in' || outcome === 'AUTH', outcome);
    }
    return server.tried.filter((one) => one.startsWith('password:'));
  }

  /** The storage of a person who has typed the password for the honest machine and kept it. */
  async function kept() {
    const storage = memoryStorage();
    person(undefined);
    assert.deepEqual(await connected(storage, { key: honestKey }), [`password:${password}`]);
    await until('the password to be stored', () => storage.values.size === 2);
    assert.deepEqual([typed, modals], [1, []]);
    typed = 0;
    return storage;
  }

  const sent = [`password:${password}`];

  it('goes to its own server without a question, in other windows too, with nobody there', async () => {
    const storage = await kept();
    assert.deepEqual(await connected(storage, { key: honestKey, alone: true }), sent);
    assert.deepEqual([typed, modals], [0, []]);
  });

  it('goes nowhere else unasked: another key, another way, a key that only a project vouches for', async () => {
    const storage = await kept();
    for (const attack of [
      { key: evilKey, isOfProject: true },
      { key: evilKey, isOfProject: true, ssh: jump },
      { key: honestKey, isOfProject: true },
      { key: honestKey, ssh: jump },
      { key: evilKey },
    ]) {
      person(undefined);
      assert.deepEqual(await connected(storage, { ...attack, alone: true }), []);
      assert.deepEqual(modals, []);
      // Closing the question, or pressing its first button, sends nothing.
      assert.deepEqual(await connected(storage, attack), []);
      assert.deepEqual([typed, modals.length], [0, 1]);
      modals = [];
    }
    // None of that has the password forgotten where it belongs.
    assert.deepEqual(await connected(storage, { key: honestKey, alone: true }), sent);
  });

  it('is asked about with host, address, way, fingerprint and who vouches', async () => {
    const storage = await kept();
    person(undefined);
    await connected(storage, { key: evilKey, isOfProject: true, ssh: jump });
    const [{ message, detail, buttons }] = modals as [(typeof modals)[number]];
    assert.equal(message, `Send the password that is kept for db-1 (ops@127.0.0.1:${port})?`);
    assert.deepEqual(buttons, ["Don't Send", 'Send', 'Type Another']);
    const lines = detail.split('\n');
    assert.equal(lines[0], `It would go to db-1 (ops@127.0.0.1:${port}).`);
    assert.match(lines[1]!, /^Identified by: SHA256:[\w+/]{43}$/);
    assert.equal(lines[2], `Reached through: ${userInfo().username}@${bastion.address}:${bastion.port}`);
    assert.equal(lines[3], 'Only the inventory vouches that this is the right server.');
    assert.equal(lines[4], 'It is kept for another server, or for another way to it:');
    assert.match(lines[5]!, /^Identified by: SHA256:[\w+/]{43}$/);
    assert.notEqual(lines[5], lines[1]);
    assert.equal(lines[6], 'Reached directly');
  });

  it('is asked about once in a window where only a project vouches, and again in the next one', async () => {
    const storage = await kept();
    for (let window = 1; window <= 2; window++) {
      person('Send');
      assert.deepEqual(await connected(storage, { key: honestKey, isOfProject: true, times: 2 }), [
        ...sent,
        ...sent,
      ]);
      assert.deepEqual([typed, modals.length], [0, window]);
    }
  });

  it('is kept for a new way as well once it was sent there, and both stay apart', async () => {
    const storage = await kept();
    person('Send');
    assert.deepEqual(await connected(storage, { key: honestKey, ssh: jump }), sent);
    await until('it to be stored for the new way', () => storage.values.size === 3);
    assert.equal(modals.length, 1);
    assert.deepEqual(await connected(storage, { key: honestKey, ssh: jump, alone: true }), sent);
    assert.deepEqual(await connected(storage, { key: honestKey, alone: true }), sent);
    assert.equal(modals.length, 1);
  });

  it('is typed instead where the person wants that', async () => {
    const storage = await kept();
    person('Type Another');
    assert.deepEqual(await connected(storage, { key: evilKey }), sent);
    assert.deepEqual([typed, modals.length], [1, 1]);
  });

  it('of an earlier version is asked about once, and kept for its server from then on', async () => {
    const storage = memoryStorage();
    const subject = `ops@127.0.0.1:${port}`;
    await storage.store(`muster.secret.${subject}`, password);
    await storage.store('muster.secrets', JSON.stringify([subject]));
    person(undefined);
    assert.deepEqual(await connected(storage, { key: honestKey, alone: true }), []);
    person('Send');
    assert.deepEqual(await connected(storage, { key: honestKey }), sent);
    assert.match(
      modals[0]!.detail,
      /An earlier version of Muster kept it, and did not note for which server\./,
    );
    await until('it to be stored for its server', () => !storage.values.has(`muster.secret.${subject}`));
    assert.equal(storage.values.size, 2);
    assert.deepEqual(await connected(storage, { key: honestKey, alone: true }), sent);
    assert.deepEqual([typed, modals.length], [0, 1]);
  });
});
