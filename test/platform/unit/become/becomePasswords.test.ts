import { describe, expect, it } from 'vitest';
import type { Authority, CredentialRequest, SecretDestination } from '../../../../src/platform/host/host';
import { secretId } from '../../../../src/platform/host/secretDestination';
import type { Host, HostBecome } from '../../../../src/platform/inventory/model';
import { becomingOf } from '../../../../src/platform/transport/become/becomeCommand';
import { becomeCredential, BecomePasswords } from '../../../../src/platform/transport/become/becomePasswords';

const user: SecretDestination = { fingerprint: 'SHA256:one', route: ['jump'], vouchedBy: 'user' };
const source = { file: '/x/muster.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 };
const host = (name: string, become?: HostBecome, login = 'deploy'): Host => ({
  ...{ name, address: name, labels: {}, groups: [], ssh: { user: login }, variables: {}, source },
  ...(become && { become }),
});
const web = { declaredBy: 'group web' };

/** Gives the answers in turn. */
function passwordsOf(...answers: (string | undefined)[]) {
  const asked: CredentialRequest[] = [];
  const state = { isAttended: false };
  const authority: Authority = {
    unknownHostKey: () => Promise.resolve('reject'),
    isAttended: () => state.isAttended,
    credential: (request) => {
      asked.push(request);
      return Promise.resolve(answers[asked.length - 1]);
    },
  };
  const passwords = new BecomePasswords(authority, () => '/x/muster.yaml');
  const lend = (target: Host, { destination = user, signal = new AbortController().signal } = {}) =>
    passwords.lend({ host: target, becoming: becomingOf(target), destination, signal });
  return { asked, lend, state };
}

describe('what a password for becoming another user is kept under', () => {
  const idOf = (target: Host, destination = user) =>
    secretId(becomeCredential({ host: target, becoming: becomingOf(target), destination }, '/x/muster.yaml'));

  it('is the declaration in its inventory, whichever of its hosts wants it', () => {
    expect(idOf(host('a', web))).toBe(idOf(host('b', web), { ...user, fingerprint: 'SHA256:two' }));
    const others = [
      host('a', { declaredBy: 'group db' }),
      host('a'),
      host('a', web, 'another'),
      host('a', { ...web, method: 'su' }),
    ].map((target) => idOf(target));
    expect(new Set([idOf(host('a', web)), ...others]).size).toBe(5);
    const elsewhere = becomeCredential(
      { host: host('a', web), becoming: becomingOf(host('a', web)), destination: user },
      '/y',
    );
    expect(secretId(elsewhere)).not.toBe(idOf(host('a', web)));
  });

  it('is with su that of the user to become, whoever logs in', () => {
    const su = { ...web, method: 'su', user: 'app' } as const;
    expect(idOf(host('a', su, 'one'))).toBe(idOf(host('b', su, 'two')));
  });

  it('is the server as well where only the project vouches for it', () => {
    const project = { ...user, vouchedBy: 'project' } as const;
    expect(idOf(host('a', web), project)).not.toBe(idOf(host('a', web)));
    expect(idOf(host('a', web), project)).not.toBe(
      idOf(host('a', web), { ...project, fingerprint: 'SHA256:two' }),
    );
  });
});

describe('a password for becoming another user', () => {
  it('is tried out on one host while the others wait, and then is everybody’s', async () => {
    const { asked, lend } = passwordsOf('right', 'right', 'right');
    const first = await lend(host('a', web));
    let others = 0;
    const waiting = ['b', 'c'].map((name) => lend(host(name, web)).then((lent) => (others++, lent)));
    await new Promise(setImmediate);
    expect([asked.length, others]).toEqual([1, 0]);
    first.settle('accepted');
    expect((await Promise.all(waiting)).map(({ password }) => password)).toEqual(['right', 'right']);
  });

  it('is tried out on the next host when it is not known what became of it', async () => {
    const { asked, lend } = passwordsOf('right');
    const first = await lend(host('a', web));
    const second = lend(host('b', web));
    first.settle('unknown');
    expect((await second).password).toBe('right');
    expect(asked).toHaveLength(1);
  });

  it('is asked for again once it was refused, and one of a project’s server is not tried on its neighbours', async () => {
    const { asked, lend } = passwordsOf('wrong', 'wrong', 'right');
    const project = (fingerprint: string) => ({
      destination: { ...user, fingerprint, vouchedBy: 'project' as const },
    });
    const first = await lend(host('a', web), project('one'));
    const second = lend(host('b', web), project('two'));
    first.settle('refused');
    expect((await second).password).toBe('right');
    expect(asked.map(({ retry, destination }) => [retry, destination?.fingerprint])).toContainEqual([
      true,
      'two',
    ]);
  });

  it('is not sent again to a host that has refused what others accept, unless a person waits for it', async () => {
    const { lend, state } = passwordsOf(...Array<string>(6).fill('right'));
    (await lend(host('a', web))).settle('accepted');
    (await lend(host('b', web))).settle('refused');
    await expect(lend(host('b', web))).rejects.toMatchObject({
      code: 'BECOME_REFUSED',
      message: expect.stringContaining('refused this password before'),
    });
    expect((await lend(host('c', web))).password).toBe('right');
    state.isAttended = true;
    const insisted = await lend(host('b', web));
    insisted.settle('accepted');
    state.isAttended = false;
    expect((await lend(host('b', web))).password).toBe('right');
  });

  it('is no longer waited for by a host that gives up, which holds back no other', async () => {
    const { lend } = passwordsOf('right', 'right');
    const first = await lend(host('a', web));
    const leaving = new AbortController();
    const gone = lend(host('b', web), { signal: leaving.signal });
    const last = lend(host('c', web));
    await new Promise(setImmediate);
    leaving.abort();
    await expect(gone).rejects.toMatchObject({ code: 'CANCELLED' });
    first.settle('unknown');
    expect((await last).password).toBe('right');
  });
});
