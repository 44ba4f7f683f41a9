import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import type { Authority, CredentialRequest } from '../../../../src/platform/host/host';
import { denyingAuthority } from '../../../../src/platform/host/host';
import type { BecomeSettings, Host } from '../../../../src/platform/inventory/model';
import { listFolder, readFile } from '../../../../src/platform/transport/files/readFiles';
import { saveFile } from '../../../../src/platform/transport/files/saveFile';
import { withBecome } from '../../../../src/platform/transport/become/becomeTransport';
import { LocalTransport } from '../../../../src/platform/transport/local/localTransport';
import type { HostTransport } from '../../../../src/platform/transport/hostTransport';
import { rightPassword, withAccounts } from '../../../harness/accounts';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { failure, hostOn, poolFor } from '../ssh/sshFixture';

const names = [
  'deploy',
  'free',
  'stranger',
  'expired',
  'console',
  'once',
  'lectured',
  'insulted',
  'fish',
  'app',
  'limited',
];
const accounts = names.map((name, index) => ({
  ...{ name, uid: 4001 + index },
  ...(name === 'fish' && { shell: '/usr/bin/fish' }),
}));
const sudoers = [
  'Defaults env_reset, use_pty, !lecture',
  'Defaults timestamp_timeout=0',
  'Defaults:console requiretty',
  'Defaults:once passwd_tries=1',
  'Defaults:lectured lecture=always',
  'Defaults:insulted badpass_message="No, no, no."',
  'root ALL=(ALL:ALL) ALL',
  'deploy,expired,console,once,lectured,insulted,fish ALL=(ALL:ALL) ALL',
  'free ALL=(ALL:ALL) NOPASSWD: ALL',
  'limited ALL=(ALL:ALL) /usr/bin/id',
].join('\n');

/** Gives these answers in turn, and remembers what became of them. */
class Person implements Authority {
  readonly asked: CredentialRequest[] = [];
  readonly worked: CredentialRequest[] = [];
  readonly wrong: CredentialRequest[] = [];

  constructor(private readonly answers: readonly (string | undefined)[]) {}

  readonly unknownHostKey = () => Promise.resolve('reject' as const);

  credential(request: CredentialRequest): Promise<string | undefined> {
    // As what is kept is served again.
    if (!request.retry && this.asked.length > 0 && this.worked.length > 0)
      return Promise.resolve(this.answers[this.asked.length - 1]);
    this.asked.push(request);
    return Promise.resolve(this.answers[this.asked.length - 1]);
  }

  accepted(request: CredentialRequest): void {
    this.worked.push(request);
  }

  refused(request: CredentialRequest): void {
    this.wrong.push(request);
  }
}

function localTransport() {
  const transport: HostTransport = new LocalTransport();
  return Object.assign(transport, { [Symbol.asyncDispose]: () => transport.dispose() });
}

describe.runIf(userInfo().uid === 0)('becoming another user', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let pool: HostTransport & AsyncDisposable;

  beforeAll(async () => {
    farm = await SshdFarm.create();
    const doas = 'permit nopass free as root\npermit deploy as root';
    daemon = await farm.start(await withAccounts(farm, 'real', { accounts, sudoers, doas }));
    pool = await poolFor(farm, [daemon]);
  });

  afterAll(async () => {
    await pool[Symbol.asyncDispose]();
    await farm[Symbol.asyncDispose]();
  });

  const as = (user: string, name = user): Host => hostOn(farm, daemon, { user }, name);
  const knowing = (...answers: (string | undefined)[]) => {
    const person = new Person(answers);
    const file = path.join(farm.directory, 'muster.yaml');
    return { person, transport: withBecome(pool, { authority: person, inventoryFile: () => file }) };
  };

  const run = async (
    transport: HostTransport,
    host: Host,
    command: string,
    become: BecomeSettings = {},
    stdin = '',
    limitMs = 0,
  ) => {
    const channel = await transport.exec(host, command, { deadline: new Deadline(limitMs), become });
    channel.stdin.end(stdin);
    const [stdout, stderr, { exitCode }] = await Promise.all([
      text(channel.stdout),
      text(channel.stderr),
      channel.exit,
    ]);
    return { stdout, stderr, exitCode };
  };

  it('runs a command as root with a password that is asked for', async () => {
    const { person, transport } = knowing(rightPassword);
    const result = await run(transport, as('deploy'), 'id -un; echo to stderr >&2; exit 3');
    expect(result).toEqual({ stdout: 'root\n', stderr: 'to stderr\n', exitCode: 3 });
    expect(person.asked).toMatchObject([
      {
        kind: 'password',
        echo: false,
        retry: false,
        subject: expect.stringContaining('become sudo deploy: '),
      },
    ]);
    expect(person.worked).toHaveLength(1);
  });

  it('becomes another user than root, in its home', async () => {
    const { transport } = knowing(rightPassword);
    const { stdout } = await run(transport, as('deploy'), 'id -un; echo "$HOME"', { user: 'app' });
    expect(stdout).toBe(`app\n${path.join(farm.directory, 'real', 'home', 'app')}\n`);
  });

  it('gives the command its standard input to the last byte, and never the password', async () => {
    const { transport } = knowing(rightPassword, rightPassword);
    const script = `echo begun\n${'# '.padEnd(100_000, 'x')}\nid -un\n`;
    const asked = await run(transport, as('deploy'), 'sh -s', {}, script);
    expect(asked).toEqual({ stdout: 'begun\nroot\n', stderr: '', exitCode: 0 });
    const bytes = randomBytes(300_000).toString('base64');
    expect((await run(transport, as('deploy'), 'cat', {}, bytes)).stdout).toBe(bytes);
  });

  it('asks nobody where the host asks for no password, nor sends one', async () => {
    const { person, transport } = knowing(rightPassword);
    expect(await run(transport, as('free'), 'id -un; cat', {}, 'input')).toEqual({
      ...{ stdout: 'root\ninput', stderr: '', exitCode: 0 },
    });
    expect(person.asked).toEqual([]);
  });

  it('sends no password with password: none', async () => {
    const { person, transport } = knowing(rightPassword);
    expect((await run(transport, as('free'), 'id -un', { password: 'none' })).stdout).toBe('root\n');
    const error = await failure(run(transport, as('deploy'), 'id -un', { password: 'none' }));
    expect(error).toMatchObject({ code: 'BECOME_REFUSED', phase: 'become', host: 'deploy' });
    expect(error.message).toMatch(/^sudo wants a password/);
    expect(person.asked).toEqual([]);
  });

  it('sends a wrong password once', async () => {
    const { person, transport } = knowing('wrong');
    const error = await failure(run(transport, as('deploy'), 'id -un'));
    expect(error).toMatchObject({ code: 'BECOME_REFUSED', message: 'sudo refused the password' });
    expect(person.asked).toHaveLength(1);
    expect(person.wrong).toHaveLength(1);
    expect(person.worked).toEqual([]);
    // With one try, and with words of the host's own.
    for (const user of ['once', 'insulted']) {
      const refused = await failure(run(knowing('wrong').transport, as(user), 'id -un'));
      expect(refused.message).toBe('sudo refused the password');
    }
  });

  it('reads what a lecture and the command write, without the prompt', async () => {
    const { transport } = knowing(rightPassword);
    const { stderr, stdout } = await run(transport, as('lectured'), 'printf "\\377end" >&2; echo out');
    expect(stdout).toBe('out\n');
    expect(stderr).toMatch(/^\n?We trust you have received/);
    expect(stderr).toMatch(/\n\n\ufffdend$/);
    expect(stderr).not.toContain('muster');
  });

  it('asks one question for fifty hosts of a declaration', async () => {
    const { person, transport } = knowing(rightPassword);
    const hosts = Array.from({ length: 50 }, (_, index) => ({
      ...as('deploy', `web-${index + 1}`),
      become: { declaredBy: 'group web' },
    }));
    const results = await Promise.all(hosts.map((host) => run(transport, host, 'id -un')));
    expect(results.filter(({ stdout }) => stdout === 'root\n')).toHaveLength(50);
    expect(person.asked).toHaveLength(1);
    expect(person.asked[0]).toMatchObject({ name: 'group web' });
  });

  it('sends a wrong password to one of many hosts, and asks again for the others', async () => {
    const { person, transport } = knowing('wrong', rightPassword);
    const hosts = Array.from({ length: 8 }, (_, index) => as('deploy', `web-${index + 1}`));
    const results = await Promise.allSettled(hosts.map((host) => run(transport, host, 'id -un')));
    expect(
      results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : [])),
    ).toEqual(['MusterError: sudo refused the password']);
    expect(person.asked.map(({ retry }) => retry)).toEqual([false, true]);
    expect(person.wrong).toHaveLength(1);
  });

  it('stops when nobody gives another one: the hosts that wait are sent nothing', async () => {
    const { person, transport } = knowing('wrong', undefined);
    const hosts = Array.from({ length: 8 }, (_, index) => as('deploy', `web-${index + 1}`));
    const messages = (await Promise.all(hosts.map((host) => failure(run(transport, host, 'id -un'))))).map(
      ({ message }) => message,
    );
    expect(messages.filter((message) => message === 'sudo refused the password')).toHaveLength(1);
    expect(messages.filter((message) => /none was given/.test(message))).toHaveLength(7);
    expect(person.wrong).toHaveLength(1);
  });

  it('asks for one password of each declaration', async () => {
    const { person, transport } = knowing(rightPassword, rightPassword);
    const web = { ...as('deploy', 'web-1'), become: { declaredBy: 'group web' } };
    const db = { ...as('deploy', 'db-1'), become: { declaredBy: 'group db' } };
    await run(transport, web, 'true');
    const error = await failure(run(withBecome(pool, { authority: denyingAuthority }), db, 'true'));
    expect(error.message).toMatch(/none was given/);
    person.worked.length = 0;
    await run(transport, db, 'true');
    expect(person.asked.map(({ name }) => name)).toEqual(['group web', 'group db']);
  });

  it.each([
    [
      'a user who is not in sudoers',
      'stranger',
      /^sudo does not allow the user to become root: .*not in the sudoers/,
    ],
    ['requiretty', 'console', /requiretty/],
    ['an account that has expired', 'expired', /^an account on the host is locked or expired/],
  ])('recognises %s', async (_, user, message) => {
    const error = await failure(run(knowing(rightPassword).transport, as(user), 'true'));
    expect(error).toMatchObject({ code: 'BECOME_REFUSED', phase: 'become' });
    expect(error.message).toMatch(message);
    expect(error.hint).toBeTruthy();
  });

  it('is not deceived by sudo, which repeats all words of a command that it does not allow', async () => {
    const error = await failure(run(knowing(rightPassword).transport, as('limited'), 'true'));
    expect(error).toMatchObject({ code: 'BECOME_REFUSED', phase: 'become' });
    expect(error.message).toMatch(
      /^sudo does not allow the user to become root: Sorry, user limited is not allowed to execute '\S*sh -c true ' as root/,
    );
  });

  it('recognises a user that the host does not have', async () => {
    const error = await failure(
      run(knowing(rightPassword).transport, as('deploy'), 'true', { user: 'nobody-here' }),
    );
    expect(error.message).toMatch(/^the host has no user nobody-here/);
  });

  it('becomes another user with su and its password, with the words of the host in English', async () => {
    const { transport, person } = knowing(rightPassword);
    const result = await run(transport, as('deploy'), 'id -un; cat', { method: 'su', user: 'app' }, 'input');
    expect(result).toEqual({ stdout: 'app\ninput', stderr: '', exitCode: 0 });
    expect(person.asked[0]!.subject).toContain('become su app: ');
    const error = await failure(run(knowing('wrong').transport, as('deploy'), 'true', { method: 'su' }));
    expect(error.message).toBe('su refused the password');
  });

  it('becomes root with doas where that wants no password', async () => {
    const { transport } = knowing(rightPassword);
    expect((await run(transport, as('free'), 'id -un', { method: 'doas' })).stdout).toBe('root\n');
    const error = await failure(run(transport, as('deploy'), 'true', { method: 'doas' }));
    expect(error.message).toMatch(/^doas wants a password/);
    expect(error.hint).toMatch(/^Muster cannot give it to doas/);
    const refused = await failure(run(transport, as('stranger'), 'true', { method: 'doas' }));
    expect(refused.message).toMatch(/^doas does not allow the user to become root/);
  });

  it('says that the host has no such program', async () => {
    const error = await failure(run(knowing().transport, as('deploy'), 'true', { method: 'run0' }));
    expect(error.message).toMatch(/^the host has no run0/);
  });

  it('is the same for a user with another shell, whatever the command holds', async () => {
    const { transport } = knowing(rightPassword);
    const command = String.raw`printf '%s|' "it's $(id -un)" '\a!' '$$'`;
    const { stdout, stderr } = await run(transport, as('fish'), command);
    expect({ stdout, stderr }).toEqual({ stdout: String.raw`it's root|\a!|$$|`, stderr: '' });
  });

  it('leaves the locale of the command as it is', async () => {
    const { transport } = knowing(rightPassword);
    const { stdout } = await run(transport, as('free'), 'echo "[${LC_ALL-unset}]"');
    expect(stdout).toBe('[unset]\n');
  });

  it('reads and writes files as root', async () => {
    const { transport } = knowing(rightPassword);
    const deadline = new Deadline(0);
    const files = await transport.files(as('deploy'), { deadline, become: {} });
    try {
      const file = path.join(farm.directory, 'real', 'of-root.txt');
      const content = randomBytes(500_000);
      await saveFile(files, file, content, { create: true, overwrite: false }, deadline);
      expect((await files.stat(file, deadline)).uid).toBe(0);
      expect(Buffer.compare((await readFile(files, file, 1e6, deadline)).bytes, content)).toBe(0);
      expect((await files.stat('/etc/shadow', deadline)).mode & 0o777).toBe(0o600);
      expect((await listFolder(files, '/root', deadline)).entries.length).toBeGreaterThan(0);
    } finally {
      files.close();
    }
    expect(files.isClosed).toBe(true);
  });

  it('becomes another user on this machine', async () => {
    await using local = localTransport();
    const transport = withBecome(local, { authority: denyingAuthority });
    const here: Host = { ...as('root'), transport: 'local' };
    expect((await run(transport, here, 'id -un; cat', { user: 'nobody' }, 'input')).stdout).toBe(
      'nobody\ninput',
    );
    const files = await transport.files(here, {
      deadline: new Deadline(0),
      become: { user: 'nobody', method: 'su' },
    });
    const error = await failure(files.open('/etc/shadow', 'r', new Deadline(0)));
    expect(error).toMatchObject({ failure: 'noPermission' });
    files.close();
  });

  describe('with a hostile sudo', () => {
    const hostile = async (name: string, sudo: string) => {
      const other = await farm.start(
        await withAccounts(farm, name, { accounts, sudoers, sudo: `#!/bin/bash\n${sudo}\n` }),
      );
      const own = await poolFor(farm, [other]);
      const person = new Person([rightPassword, rightPassword]);
      const transport = withBecome(own, { authority: person, quietMs: 300 });
      return { person, transport, host: hostOn(farm, other, { user: 'deploy' }, 'hostile'), own };
    };

    it('answers a prompt once', async () => {
      const { person, transport, host, own } = await hostile(
        'twice',
        `printf %s "$4" >&2; read -r one; echo "got $one" >&2; printf %s "$4" >&2; read -r two; echo "$two" >>"$HOME/second"`,
      );
      const error = await failure(run(transport, host, 'true'));
      expect(error.message).toBe('sudo refused the password');
      expect(person.asked).toHaveLength(1);
      const seen = await run(own, host, 'cat second 2>/dev/null || echo nothing', undefined);
      expect(seen.stdout.replace('\n', '')).toMatch(/^(nothing|)$/);
      await own[Symbol.asyncDispose]();
    });

    it('sends nothing when the prompt comes after the command has begun, nor to a prompt of another form', async () => {
      const { person, transport, host, own } = await hostile(
        'late',
        // -H -S -p PROMPT -u root -- sh -c INNER sh BEGUN BEGUN COMMAND
        `printf %s "\${12}\${13}" >&2; printf %s "$4" >&2; echo; echo "[sudo] password for deploy: "; cat`,
      );
      const result = await run(transport, host, 'true', {}, 'my input');
      expect(result.stdout).toBe('\n[sudo] password for deploy: \nmy input');
      expect(result.stderr).toMatch(/^\[muster password \w+\]$/);
      expect(person.asked).toEqual([]);
      await own[Symbol.asyncDispose]();
    });

    it.each([
      ['Password: ', 'hello\n'],
      ['Verification code: ', undefined],
    ])('answers the prompt of sudo-rs where PAM asks “%s” or not', async (question, expected) => {
      const { person, transport, host, own } = await hostile(
        `rs-${question.length}`,
        `printf %s "[sudo: $4] ${question}" >&2; read -r one; printf "${'\\n'}" >&2; shift 7; exec "$@"`,
      );
      const work = run(transport, host, 'echo hello');
      if (expected !== undefined) expect(await work).toMatchObject({ stdout: expected, stderr: '\n' });
      else expect((await failure(work)).message).toMatch(/^sudo asks “.*Verification code:”/);
      expect(person.asked).toHaveLength(expected === undefined ? 0 : 1);
      await own[Symbol.asyncDispose]();
    });

    it('does not answer another question, and hides the password that comes back', async () => {
      const { person, transport, host, own } = await hostile(
        'other',
        `printf %s "$4" >&2; read -r one; printf "Code for $one: " >&2; read -r two`,
      );
      const error = await failure(run(transport, host, 'true'));
      expect(error.message).toBe('sudo asks “Code for …:”, which is not the question for the password');
      expect(person.asked).toHaveLength(1);
      await own[Symbol.asyncDispose]();
    });

    it('hides the password in what is said of it, also with escape sequences within', async () => {
      const { transport, host, own } = await hostile(
        'echo',
        `printf %s "$4" >&2; read -r one; printf '\\n%s\\e[0m%s is wrong\\n' "\${one:0:5}" "\${one:5}" >&2; exit 1`,
      );
      const error = await failure(run(transport, host, 'true'));
      expect(error.message).toBe('sudo did not become root: … is wrong');
      await own[Symbol.asyncDispose]();
    });

    it('is cut off when it floods', async () => {
      const { transport, host, own } = await hostile('flood', 'yes >&2');
      const error = await failure(run(transport, host, 'true'));
      expect(error.message).toMatch(/^sudo wrote more than 64 KiB/);
      await own[Symbol.asyncDispose]();
    });

    it('ends with the deadline', async () => {
      const { transport, host, own } = await hostile('silent', 'exec sleep 1000');
      const error = await failure(run(transport, host, 'true', {}, '', 700));
      expect(error).toMatchObject({ code: 'TIMEOUT' });
      await own[Symbol.asyncDispose]();
    });
  });
});
