import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { EventEmitter, type MessageOptions, type QuickPickItem, type SecretStorage, window } from 'vscode';
import type { CredentialRequest, UnknownHostKey } from '../../src/core/host';
import { CredentialPrompts } from '../../src/editor/prompts/credentialPrompts';
import { HostKeyPrompts } from '../../src/editor/prompts/hostKeyPrompts';
import { Redactor } from '../../src/editor/redaction';

const patient = () => new AbortController().signal;
const { showWarningMessage, showInputBox, showQuickPick } = window;
const editorItself = { showWarningMessage, showInputBox, showQuickPick };

/** Answers the editor's dialogs in place of a person. */
function person(answers: Partial<Record<keyof typeof editorItself, unknown>>) {
  Object.assign(window, answers);
}

const key = (number: number): UnknownHostKey => ({
  host: `web-${number}`,
  address: `10.0.0.${number}`,
  port: 2222,
  keyType: 'ssh-ed25519',
  fingerprint: `SHA256:${number}`,
});

describe('The question about unknown host keys', () => {
  afterEach(() => Object.assign(window, editorItself));

  it('shows host, address, port, type and fingerprint in a modal, and takes three answers', async () => {
    const asked: { message: string; options: MessageOptions; buttons: string[] }[] = [];
    const answers = ['Trust Once', 'Trust and Remember', undefined];
    person({
      showWarningMessage: (message: string, options: MessageOptions, ...buttons: string[]) => {
        asked.push({ message, options, buttons });
        return Promise.resolve(answers[asked.length - 1]);
      },
    });
    const prompts = new HostKeyPrompts();
    const decisions = [];
    for (const number of [1, 2, 3]) decisions.push(await prompts.decide(key(number), patient()));
    assert.deepEqual(decisions, ['once', 'remember', 'reject']);
    assert.equal(asked[0]!.options.modal, true);
    // The first one has the focus: whoever is typing presses it.
    assert.deepEqual(asked[0]!.buttons, ["Don't Connect", 'Trust Once', 'Trust and Remember']);
    assert.match(asked[0]!.message, /web-1/);
    assert.match(asked[0]!.options.detail!, /web-1 · 10\.0\.0\.1:2222 · ssh-ed25519\nSHA256:1/);
  });

  it('is one for 800 hosts, naming 20', async () => {
    const details: string[] = [];
    person({
      showWarningMessage: (_: string, { detail }: MessageOptions) => {
        details.push(detail!);
        return Promise.resolve('Trust Once');
      },
    });
    const prompts = new HostKeyPrompts();
    const keys = Array.from({ length: 800 }, (_, index) => key(index + 1));
    const decisions = await Promise.all(keys.map((one) => prompts.decide(one, patient())));
    assert.deepEqual(new Set(decisions), new Set(['once']));
    assert.equal(details.length, 1);
    assert.match(details[0]!, /and 780 more$/);
    assert.equal(details[0]!.match(/SHA256:/g)!.length, 20);
  });

  it('is not put again in a batch after a refusal', async () => {
    let asked = 0;
    person({ showWarningMessage: () => Promise.resolve(void asked++) });
    const prompts = new HostKeyPrompts();
    prompts.batchBegan();
    assert.equal(await prompts.decide(key(1), patient()), 'reject');
    assert.equal(await prompts.decide(key(2), patient()), 'reject');
    assert.equal(asked, 1);
    prompts.batchBegan();
    assert.equal(await prompts.decide(key(3), patient()), 'reject');
    assert.equal(asked, 2);
  });
});

function memoryStorage(): SecretStorage & { values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    keys: () => Promise.resolve([...values.keys()]),
    get: (name) => Promise.resolve(values.get(name)),
    store: (name, value) => Promise.resolve(void values.set(name, value)),
    delete: (name) => Promise.resolve(void values.delete(name)),
    onDidChange: new EventEmitter<never>().event,
  } as SecretStorage & { values: Map<string, string> };
}

const request = (changes: Partial<CredentialRequest> = {}): CredentialRequest => ({
  kind: 'password',
  subject: 'ops@db:22',
  prompt: 'Password of ops@db:22',
  echo: false,
  retry: false,
  ...changes,
});

/** Types `secrets` one after the other and picks the row with this label. */
function typist(secrets: (string | undefined)[], keep: RegExp) {
  const typed: { password?: boolean; title?: string }[] = [];
  person({
    showInputBox: (options: { password?: boolean; title?: string }) =>
      Promise.resolve(secrets[typed.push(options) - 1]),
    showQuickPick: (items: QuickPickItem[]) => Promise.resolve(items.find(({ label }) => keep.test(label))),
  });
  return typed;
}

describe('The question for a password', () => {
  afterEach(() => Object.assign(window, editorItself));

  it('hides what is typed, is shared by those who wait, and is not put again in this session', async () => {
    const typed = typist(['hunter2'], /session/);
    const redactor = new Redactor();
    const storage = memoryStorage();
    const prompts = new CredentialPrompts(storage, redactor);
    const answers = await Promise.all([1, 2, 3].map(() => prompts.answer(request(), patient())));
    assert.deepEqual([...answers, await prompts.answer(request(), patient())], Array(4).fill('hunter2'));
    assert.deepEqual(
      typed.map(({ password }) => password),
      [true],
    );
    assert.equal(storage.values.size, 0);
    assert.equal(redactor.redact('sent hunter2'), 'sent •••');
  });

  it('is answered from the secret storage where the user wanted that, silently', async () => {
    typist(['hunter2'], /secret storage/);
    const storage = memoryStorage();
    await new CredentialPrompts(storage, new Redactor()).answer(request(), patient());
    const typed = typist([], /./);
    const redactor = new Redactor();
    assert.equal(await new CredentialPrompts(storage, redactor).answer(request(), patient()), 'hunter2');
    assert.equal(typed.length, 0);
    assert.equal(redactor.redact('hunter2'), '•••');
  });

  it('drops a stored secret that was refused, and asks', async () => {
    typist(['old'], /secret storage/);
    const storage = memoryStorage();
    const prompts = new CredentialPrompts(storage, new Redactor());
    await prompts.answer(request(), patient());
    const typed = typist(['new'], /session/);
    assert.equal(await prompts.answer(request({ retry: true }), patient()), 'new');
    assert.match(typed[0]!.title!, /try again/);
    assert.equal(storage.values.size, 0);
  });

  it('takes no for an answer until the next batch', async () => {
    const typed = typist([undefined, 'later'], /session/);
    const prompts = new CredentialPrompts(memoryStorage(), new Redactor());
    assert.equal(await prompts.answer(request(), patient()), undefined);
    assert.equal(await prompts.answer(request(), patient()), undefined);
    assert.equal(typed.length, 1);
    prompts.batchBegan();
    assert.equal(await prompts.answer(request(), patient()), 'later');
  });

  it('keeps no one-time code', async () => {
    const typed = typist(['111', '222'], /secret storage/);
    const storage = memoryStorage();
    const prompts = new CredentialPrompts(storage, new Redactor());
    const otp = request({ kind: 'answer', echo: true });
    assert.deepEqual(
      [await prompts.answer(otp, patient()), await prompts.answer(otp, patient())],
      ['111', '222'],
    );
    assert.deepEqual(
      typed.map(({ password }) => password),
      [false, false],
    );
    assert.equal(storage.values.size, 0);
  });

  it('forgets everything when it is told to', async () => {
    typist(['hunter2'], /secret storage/);
    const storage = memoryStorage();
    const prompts = new CredentialPrompts(storage, new Redactor());
    await prompts.answer(request(), patient());
    assert.equal(await prompts.forgetAll(), 1);
    assert.equal(storage.values.size, 0);
    typist([undefined], /./);
    assert.equal(await prompts.answer(request(), patient()), undefined);
  });
});
