import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { type MessageOptions, window } from 'vscode';
import type { CredentialRequest, SecretDestination, UnknownHostKey } from '../../../src/platform/host/host';
import { CredentialPrompts } from '../../../src/shell/editor/prompts/credentialPrompts';
import { HostKeyPrompts } from '../../../src/shell/editor/prompts/hostKeyPrompts';
import { Redactor } from '../../../src/platform/redaction/redactor';
import { until } from '../../harness/until';
import { memoryStorage } from '../../harness/editor/memoryStorage';

const patient = () => new AbortController().signal;
const { showWarningMessage, showInformationMessage, showInputBox } = window;
const editorItself = { showWarningMessage, showInformationMessage, showInputBox };

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

  it('says whose files are in force where the inventory has a say, and for what an answer counts', async () => {
    const details: string[] = [];
    person({
      showWarningMessage: (_: string, { detail }: MessageOptions) => {
        details.push(detail!);
        return Promise.resolve(undefined);
      },
    });
    const prompts = new HostKeyPrompts();
    const project = {
      inventory: '/fleet/muster.yaml',
      knownHosts: ['/fleet/hosts', '/fleet/ca'],
    };
    await Promise.all([1, 2].map((number) => prompts.decide({ ...key(number), project }, patient())));
    assert.equal(details.length, 1);
    const said =
      'The inventory /fleet/muster.yaml adds known_hosts files of its own (/fleet/hosts, /fleet/ca) to yours. Yours come first; none of them knows the key.\nA key that you trust is remembered for this inventory only.';
    assert.equal(details[0]!.split(said).length, 2);
    prompts.batchBegan();
    await prompts.decide({ ...key(1), project: { ...project, knownHosts: [] } }, patient());
    assert.match(details[1]!, /The inventory \/fleet\/muster\.yaml decides how the host is reached\./);
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

const request = (changes: Partial<CredentialRequest> = {}): CredentialRequest => ({
  kind: 'password',
  subject: 'ops@10.0.0.5:22',
  name: 'db-1',
  prompt: 'Password for ops@10.0.0.5:22',
  echo: false,
  retry: false,
  ...changes,
});

type Button = 'Keep' | 'For This Session' | "Don't Keep";

/** Types `secrets` one after the other, and presses this button of the question where to keep them. */
function typist(secrets: (string | undefined)[], button?: Button) {
  const typed: { password?: boolean; title?: string }[] = [];
  const questions: { message: string; buttons: unknown[] }[] = [];
  person({
    showInputBox: (options: { password?: boolean; title?: string }) =>
      Promise.resolve(secrets[typed.push(options) - 1]),
    showInformationMessage: (message: string, ...buttons: unknown[]) => {
      questions.push({ message, buttons });
      return Promise.resolve(button);
    },
  });
  return { typed, questions };
}

describe('The question for a password', () => {
  afterEach(() => Object.assign(window, editorItself));

  it('hides what is typed, is shared by those who wait, and is not put again in this session', async () => {
    const { typed } = typist(['hunter2']);
    const redactor = new Redactor();
    const storage = memoryStorage();
    const prompts = new CredentialPrompts(storage, redactor);
    const answers = await Promise.all([1, 2, 3].map(() => prompts.answer(request(), patient())));
    assert.deepEqual([...answers, await prompts.answer(request(), patient())], Array(4).fill('hunter2'));
    assert.deepEqual(
      typed.map(({ password, title }) => ({ password, title })),
      [{ password: true, title: 'Muster · db-1' }],
    );
    assert.equal(storage.values.size, 0);
    assert.equal(redactor.redact('sent hunter2'), 'sent •••');
  });

  it('takes no for an answer until the next batch', async () => {
    const { typed } = typist([undefined, 'later']);
    const prompts = new CredentialPrompts(memoryStorage(), new Redactor());
    assert.equal(await prompts.answer(request(), patient()), undefined);
    assert.equal(await prompts.answer(request(), patient()), undefined);
    assert.equal(typed.length, 1);
    prompts.batchBegan();
    assert.equal(await prompts.answer(request(), patient()), 'later');
  });

  it('keeps no one-time code', async () => {
    const { typed, questions } = typist(['111', '222', 'hunter2'], 'Keep');
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
    prompts.accepted(otp);
    const other = request({ subject: 'ops@10.0.0.6:22', name: 'db-2' });
    await prompts.answer(other, patient());
    prompts.accepted(other);
    await until('the question', () => questions.length > 0);
    assert.deepEqual(
      questions.map(({ message }) => message),
      ['Keep the password of db-2 (ops@10.0.0.6)?'],
    );
    await until('the password to be stored', () => storage.values.has('muster.secrets'));
    assert.deepEqual(storage.values.get('muster.secrets'), '["ops@10.0.0.6:22"]');
  });
});

describe('The question whether to send a kept password elsewhere', () => {
  afterEach(() => Object.assign(window, editorItself));

  const destination = (changes: Partial<SecretDestination> = {}): SecretDestination => ({
    fingerprint: 'SHA256:new',
    route: [],
    vouchedBy: 'user',
    ...changes,
  });

  it('is one for 800 hosts, and names those first that only a project vouches for', async () => {
    const storage = memoryStorage();
    const subjects = Array.from({ length: 800 }, (_, index) => `ops@10.0.1.${index}:22`);
    for (const subject of subjects) await storage.store(`muster.secret.${subject}`, subject);
    await storage.store('muster.secrets', JSON.stringify(subjects));
    const asked: { message: string; detail: string }[] = [];
    person({
      showWarningMessage: (message: string, { detail = '' }: MessageOptions) => {
        asked.push({ message, detail });
        return Promise.resolve('Send');
      },
    });
    const prompts = new CredentialPrompts(storage, new Redactor());
    const answers = await Promise.all(
      subjects.map((subject, index) =>
        prompts.answer(
          request({
            ...{ subject, name: `web-${index}` },
            destination: destination({ vouchedBy: index === 799 ? 'project' : 'user' }),
          }),
          patient(),
        ),
      ),
    );
    assert.deepEqual(answers, subjects);
    assert.equal(asked.length, 1);
    assert.equal(asked[0]!.message, 'Send the 800 passwords that are kept for these logins?');
    assert.match(asked[0]!.detail, /^It would go to web-799 \(ops@10\.0\.1\.799\)\.\n/);
    assert.match(asked[0]!.detail, /and 790 more$/);
  });

  it('is put for what was typed in this window as well, and a refusal there has nothing forgotten', async () => {
    const { typed } = typist(['hunter2', 'for the other one'], 'For This Session');
    let asked = 0;
    person({ showWarningMessage: () => Promise.resolve(asked++ === 0 ? undefined : 'Send') });
    const prompts = new CredentialPrompts(memoryStorage(), new Redactor());
    const here = request({ destination: destination() });
    const there = request({
      destination: destination({ route: ['evil@192.0.2.1:22'], vouchedBy: 'project' }),
    });
    await prompts.answer(here, patient());
    prompts.accepted(here);
    assert.equal(await prompts.answer(there, patient(), false), undefined);
    assert.equal(await prompts.answer(there, patient()), undefined);
    prompts.batchBegan();
    assert.equal(await prompts.answer(there, patient()), 'hunter2');
    assert.equal(await prompts.answer({ ...there, retry: true }, patient()), 'for the other one');
    assert.equal(await prompts.answer(here, patient(), false), 'hunter2');
    assert.deepEqual([typed.length, asked], [2, 2]);
    // Whoever types sees where it goes.
    assert.match(
      (typed[1] as { prompt?: string }).prompt!,
      /Identified by: SHA256:new · Reached through: evil@192\.0\.2\.1:22 · Only the inventory vouches/,
    );
  });
});

describe('The question where to keep a password', () => {
  afterEach(() => Object.assign(window, editorItself));

  /** Types this password, which works, and waits for the question. */
  async function accepted(prompts: CredentialPrompts, secret: string, button?: Button) {
    const { questions } = typist([secret], button);
    await prompts.answer(request(), patient());
    prompts.accepted(request());
    await until('the question', () => questions.length > 0);
    // The answer is being dealt with.
    await new Promise((resolve) => setImmediate(resolve));
    return questions;
  }

  it('is put once, with the name of the host, after the password has worked, and never for a wrong one', async () => {
    const { typed, questions } = typist(['wrong', 'right', 'other'], 'For This Session');
    const storage = memoryStorage();
    const prompts = new CredentialPrompts(storage, new Redactor());
    assert.equal(await prompts.answer(request(), patient()), 'wrong');
    assert.equal(await prompts.answer(request({ retry: true }), patient()), 'right');
    assert.equal(typed[1]!.title, 'Muster: the server refused it, try again · db-1');
    // Another one works at once: by the time its question comes, that for the first would have come.
    const other = request({ subject: 'ops@10.0.0.6:22', name: 'db-2' });
    await prompts.answer(other, patient());
    prompts.accepted(other);
    await until('the question about the other one', () => questions.length > 0);
    prompts.accepted(request({ retry: true }));
    prompts.accepted(request({ retry: true }));
    await until('the question', () => questions.length > 1);
    const buttons = ['Keep', 'For This Session', "Don't Keep"];
    assert.deepEqual(questions, [
      { message: 'Keep the password of db-2 (ops@10.0.0.6)?', buttons },
      { message: 'Keep the password of db-1 (ops@10.0.0.5)?', buttons },
    ]);
    assert.equal(await prompts.answer(request(), patient()), 'right');
    assert.equal(storage.values.size, 0);
  });

  it('has it stored with Keep, and given silently from then on', async () => {
    const storage = memoryStorage();
    await accepted(new CredentialPrompts(storage, new Redactor()), 'hunter2', 'Keep');
    await until('the password to be stored', () => storage.values.has('muster.secrets'));
    const { typed, questions } = typist([]);
    const redactor = new Redactor();
    const later = new CredentialPrompts(storage, redactor);
    assert.equal(await later.answer(request(), patient()), 'hunter2');
    assert.equal(redactor.redact('hunter2'), '•••');
    later.accepted(request());
    assert.deepEqual([typed, questions], [[], []]);
    // A stored secret that is refused is dropped.
    assert.equal(await later.answer(request({ retry: true }), patient()), undefined);
    assert.equal(storage.values.size, 0);
  });

  it("has it forgotten with Don't Keep, and kept for the session where it is closed", async () => {
    const storage = memoryStorage();
    const prompts = new CredentialPrompts(storage, new Redactor());
    await accepted(prompts, 'hunter2', "Don't Keep");
    typist(['typed again']);
    assert.equal(await prompts.answer(request(), patient()), 'typed again');
    const closed = new CredentialPrompts(storage, new Redactor());
    await accepted(closed, 'hunter2', undefined);
    typist([]);
    assert.equal(await closed.answer(request(), patient()), 'hunter2');
    assert.equal(storage.values.size, 0);
  });

  it('stores nothing that was refused or forgotten while the question stood', async () => {
    const storage = memoryStorage();
    const prompts = new CredentialPrompts(storage, new Redactor());
    let press = (_: Button) => {};
    person({
      showInputBox: () => Promise.resolve('hunter2'),
      showInformationMessage: () => new Promise<Button>((resolve) => (press = resolve)),
    });
    const open = press;
    await prompts.answer(request(), patient());
    prompts.accepted(request());
    await until('the question', () => press !== open);
    assert.equal(await prompts.forgetAll(), 1);
    press('Keep');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await prompts.forgetAll(), 0);
    assert.equal(storage.values.size, 0);
  });

  it('is one for 800 hosts, and comes when nothing is being typed any more', async () => {
    const { questions } = typist([...Array(800).keys()].map(String), 'Keep');
    const storage = memoryStorage();
    const prompts = new CredentialPrompts(storage, new Redactor());
    let typeLast = (_: string) => {};
    const hosts = Array.from({ length: 800 }, (_, index) =>
      request({ subject: `ops@10.0.1.${index}:22`, name: `web-${index}` }),
    );
    for (const host of hosts.slice(0, 799)) {
      await prompts.answer(host, patient());
      prompts.accepted(host);
    }
    person({ showInputBox: () => new Promise<string>((resolve) => (typeLast = resolve)) });
    const last = prompts.answer(hosts[799]!, patient());
    // Longer than the question waits for others.
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.deepEqual(questions, []);
    typeLast('the last one');
    await last;
    prompts.accepted(hosts[799]!);
    await until('the question', () => questions.length > 0);
    assert.deepEqual(
      questions.map(({ message }) => message),
      [
        'Keep 800 passwords and passphrases, of web-0 (ops@10.0.1.0), web-1 (ops@10.0.1.1), web-2 (ops@10.0.1.2) and 797 more?',
      ],
    );
    await until('all to be stored', () => storage.values.size === 801);
    assert.equal(await prompts.forgetAll(), 800);
    assert.equal(storage.values.size, 0);
  });

  it('is put for nothing that nobody waits for, which is given only what has worked', async () => {
    const { typed, questions } = typist(['hunter2'], 'For This Session');
    const prompts = new CredentialPrompts(memoryStorage(), new Redactor());
    assert.equal(await prompts.answer(request(), patient(), false), undefined);
    prompts.accepted(request());
    assert.deepEqual([typed, questions], [[], []]);
    await prompts.answer(request(), patient());
    assert.equal(await prompts.answer(request(), patient(), false), undefined);
    prompts.accepted(request());
    await until('the question', () => questions.length > 0);
    assert.equal(await prompts.answer(request(), patient(), false), 'hunter2');
  });

  it('leaves it in memory where the editor cannot store it, and says so', async () => {
    const warnings: string[] = [];
    const storage = { ...memoryStorage(), store: () => Promise.reject(new Error('no keyring')) };
    const prompts = new CredentialPrompts(storage, new Redactor());
    person({ showWarningMessage: (message: string) => Promise.resolve(void warnings.push(message)) });
    await accepted(prompts, 'hunter2', 'Keep');
    await until('the warning', () => warnings.length > 0);
    assert.match(warnings[0]!, /for this session only: no keyring/);
    assert.equal(await prompts.answer(request(), patient()), 'hunter2');
  });
});
