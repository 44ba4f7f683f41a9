import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf, muster, startMuster } from '../../../harness/musterCli';
import { type Modes, OwnTerminal } from '../../../harness/ownTerminal';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { TcpProxy } from '../../../harness/tcpProxy';
import { until } from '../../../harness/until';

let farm: SshdFarm;
let daemon: Sshd;
let inventory: string;
let link: TcpProxy;

beforeAll(async () => {
  farm = await SshdFarm.create();
  daemon = await farm.start();
  link = await TcpProxy.to(daemon.port);
  const names = ['web-1', 'web-2', 'web-3', 'vault'];
  const files = await sshdInventory(
    farm,
    names.map((name) => ({ name, daemon })),
  );
  const linked = await daemon.knownHostsLine(daemon.hostKeys[0], `[127.0.0.1]:${link.port}`);
  await farm.write('known_hosts', files.known_hosts + linked);
  const stranger = await farm.start();
  inventory = await farm.write(
    'muster.yaml',
    `${files['muster.yaml']}  linked: { address: 127.0.0.1, ssh: { port: ${link.port} } }
  stranger: { address: ${stranger.address}, ssh: { port: ${stranger.port} } }
  behind: { address: ${daemon.address}, ssh: { port: ${daemon.port}, proxyJump: web-1 } }
  gone: { address: 127.0.0.1, ssh: { port: 1 } }
  named: { address: ${daemon.address}, ssh: { port: ${daemon.port}, user: nobody-here } }
  here: { transport: local }
groups: { kept: { hosts: [vault], readOnly: true } }
`,
  );
});

afterAll(async () => {
  await link[Symbol.asyncDispose]();
  await farm[Symbol.asyncDispose]();
});

const ssh = (...words: string[]) => ['ssh', '-i', inventory, ...words];
const cooked: Modes = { opost: true, echo: true, icanon: true, isig: true, icrnl: true };
const raw: Modes = { opost: false, echo: false, icanon: false, isig: false, icrnl: false };
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
/** A shell that has shown its prompt. */
async function shellOn(host: string, env?: Record<string, string>): Promise<OwnTerminal> {
  const terminal = new OwnTerminal(ssh(host), env);
  // On a line of its own, wherever the prompt was when this was typed.
  terminal.type('PS1=; echo; echo rea""dy\n');
  await terminal.waitFor(/^ready\r$/m);
  return terminal;
}

describe('muster ssh without a command', () => {
  it('is a login shell on a terminal of the size and type of the user’s own, and ends with its status', async () => {
    const terminal = await shellOn('web-1', { TERM: 'screen-256color' });
    terminal.type('tty; stty size; echo "<$TERM>"; exit 7\n');
    expect(await terminal.ended).toBe(7);
    expect(terminal.shown).toMatch(/^\/dev\/pts\/\d+\r\n30 100\r\n<screen-256color>\r$/m);
    expect(terminal.shown).toContain('Connection to web-1 closed.');
  });

  it('leaves all keys and all output to the host while it lasts, and the terminal as it was', async () => {
    const terminal = await shellOn('web-1');
    expect(await terminal.modes()).toEqual(raw);
    const heeding = 'trap "echo interrupted; exit" INT; echo wait""ing; while :; do sleep 0.1; done';
    terminal.type(`sh -c '${heeding}'\n`);
    await terminal.waitFor('waiting');
    terminal.type('\x03');
    await terminal.waitFor(/interrupted\r/);
    terminal.type('exit\n');
    expect(await terminal.modesWhen('ended')).toEqual({ ...cooked, ended: await terminal.ended });
  });

  it('follows the size of the window', async () => {
    const terminal = await shellOn('web-1');
    terminal.type(
      'until [ "$(stty size)" = "43 132" ]; do stty size; sleep 0.1; done; echo fol""lowed; exit 0\n',
    );
    await terminal.waitFor(/^30 100\r$/m);
    terminal.resize(132, 43);
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown).toContain('followed');
  });

  it('reaches a host behind a jump, and this machine', async () => {
    for (const host of ['behind', 'here']) {
      const terminal = await shellOn(host);
      terminal.type('exit 5\n');
      expect(await terminal.ended).toBe(5);
    }
  });

  it.each(['~.', 'echo typed\r~.'])(
    'is left with %j, which hangs up, though the link is dead',
    async (typed) => {
      const terminal = await shellOn('linked');
      link.swallow();
      terminal.type('\r');
      terminal.type(typed);
      expect(await terminal.ended).toBe(255);
      link.restore();
      expect(terminal.shown).toContain('Disconnected from linked');
      expect(await terminal.modesWhen('ended')).toMatchObject(cooked);
    },
  );

  it('leaves no mode of the host in the terminal, however fast it goes on writing', async () => {
    const terminal = await shellOn('web-1');
    terminal.type('while :; do printf "\\033[?2004h%4000s" x; done\r~.');
    expect(await terminal.ended).toBe(255);
    const { shown } = terminal;
    expect(shown).toContain('\x1b[?2004h');
    expect(shown.lastIndexOf('\x1b[?2004l')).toBeGreaterThan(shown.lastIndexOf('\x1b[?2004h'));
  });

  it('says that the connection was lost, and puts the terminal back', async () => {
    const terminal = await shellOn('linked');
    terminal.type('printf "\\033[?1049hfull screen"\n');
    await terminal.waitFor('\x1b[?1049h');
    link.cut();
    expect(await terminal.ended).toBe(255);
    link.restore();
    expect(terminal.shown).toContain('RESET: the connection was lost while the terminal was open');
    expect(terminal.shown.lastIndexOf('\x1b[?1049l')).toBeGreaterThan(terminal.shown.indexOf('\x1b[?1049h'));
    expect(await terminal.modesWhen('ended')).toMatchObject(cooked);
  });

  it('is suspended with ~^Z and goes on', async () => {
    const terminal = await shellOn('web-1');
    terminal.type('\r~\x1a');
    expect(await terminal.modesWhen('stopped')).toMatchObject(cooked);
    process.kill(await terminal.pid(), 'SIGCONT');
    await until('a raw terminal', async () => !(await terminal.modes()).opost);
    terminal.type('echo aga""in; exit 3\n');
    expect(await terminal.ended).toBe(3);
    expect(terminal.shown).toContain('again');
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('ends with %s, which hangs up and puts the terminal back', async (signal, status) => {
    const terminal = await shellOn('web-1');
    terminal.type('echo "<$$>"\n');
    await terminal.waitFor(/^<\d+>\r$/m);
    const shell = Number(/^<(\d+)>\r$/m.exec(terminal.shown)![1]);
    expect(await daemon.children()).toContain(shell);
    process.kill(await terminal.pid(), signal);
    expect(await terminal.ended).toBe(status);
    expect(await terminal.modesWhen('ended')).toMatchObject(cooked);
    await until('nothing left of it', async () => !(await daemon.children()).includes(shell));
  });

  it('hangs up when its terminal goes away', async () => {
    const terminal = await shellOn('web-1');
    terminal.type('echo "<$$>"\n');
    await terminal.waitFor(/^<\d+>\r$/m);
    const shell = Number(/^<(\d+)>\r$/m.exec(terminal.shown)![1]);
    const muster = await terminal.pid();
    terminal.tearOff();
    await until('nothing left on the host', async () => !(await daemon.children()).includes(shell));
    await until('nothing left here', () => !isAlive(muster));
  });

  it('is a shell without a terminal where standard input is none', async () => {
    const { status, stdout, stderr } = await muster(ssh('web-1'), { input: 'tty; echo err >&2; exit 4\n' });
    expect({ status, stdout, stderr }).toEqual({ status: 4, stdout: 'not a tty\n', stderr: 'err\n' });
  });

  it('writes no escape sequence of its own with TERM=dumb', async () => {
    const terminal = await shellOn('linked', { TERM: 'dumb' });
    terminal.type('echo "<$TERM>"\n');
    await terminal.waitFor('<dumb>');
    link.cut();
    await terminal.ended;
    link.restore();
    // Those that the shell itself writes, such as for a bracketed paste, are not for a dumb terminal either.
    expect(terminal.shown).not.toContain('\x1b');
  });
});

describe('muster ssh with a command', () => {
  it('has no terminal: bytes as they are, both outputs apart, and the status of the command', async () => {
    const command = String.raw`printf 'a\r\n\377\000\033[31m'; cat; echo err >&2; exit 9`;
    const child = startMuster(ssh('web-1', '--', command));
    const bytes: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => bytes.push(piece));
    child.stdin.end(Buffer.from([1, 2, 255]));
    let stderr = '';
    child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect(status).toBe(9);
    expect(Buffer.concat(bytes)).toEqual(Buffer.from('a\r\n\xff\0\x1b[31m\x01\x02\xff', 'latin1'));
    expect(stderr).toBe('err\n');
  });

  it('passes words on as muster run does', async () => {
    const { stdout } = await muster(ssh('web-1', '--', 'printf', '%s|', "it's", '$HOME', '-t'));
    expect(stdout).toBe("it's|$HOME|-t|");
  });

  it('logs in as USER@HOST or -l says, which counts before it, as ssh does', async () => {
    const me = userInfo().username;
    for (const words of [[`${me}@named`], ['-l', me, 'named'], ['-l', me, 'somebody@named']])
      expect(await muster(ssh(...words, '--', 'id -un'))).toMatchObject({ status: 0, stdout: `${me}\n` });
    const refused = await muster(ssh('nobody-here@web-1', '--', 'true'));
    expect(refused).toMatchObject({ status: 255, stderr: expect.stringContaining('nobody-here') });
  });

  it('has a terminal with -t, where standard input is one', async () => {
    const terminal = new OwnTerminal(ssh('web-1', '-t', '--', 'tty; exit 6'));
    expect(await terminal.ended).toBe(6);
    expect(terminal.shown).toMatch(/^\/dev\/pts\/\d+\r$/m);
    const { status, stdout, stderr } = await muster(ssh('web-1', '-t', '--', 'tty'));
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'not a tty\n' });
    expect(stderr).toBe('muster: standard input is not a terminal, so the command is given none\n');
  });

  it('ends with 255 as ssh does where a signal ended the command, and says so', async () => {
    const { status, stderr } = await muster(ssh('web-1', '--', 'kill -KILL $$'));
    expect({ status, stderr }).toEqual({ status: 255, stderr: 'muster: web-1: ended by signal KILL\n' });
  });

  it('ends the command with Ctrl-C, and does not wait for an input that stays open', async () => {
    const child = startMuster(ssh('web-1', '--', 'echo begun; exec sleep 600'));
    const ended = endOf(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGINT');
    expect((await ended).status).toBe(130);
    const open = startMuster(ssh('web-1', '--', 'head -c 1'));
    open.stdin.on('error', () => {});
    open.stdin.write('xyz');
    expect(await endOf(open)).toMatchObject({ status: 0, stdout: 'x' });
  });

  it('loses nothing of much output, and ends with its reader', async () => {
    const { status, stdout } = await muster(ssh('web-1', '--', 'head -c 20000000 /dev/zero | tr "\\0" x'));
    expect({ status, length: stdout.length }).toEqual({ status: 0, length: 20_000_000 });
    const child = startMuster(ssh('web-1', '--', 'yes'));
    const ended = endOf(child);
    child.stdout.once('data', () => child.stdout.destroy());
    expect((await ended).status).toBe(141);
  });
});

describe('muster ssh refuses', () => {
  it.each([
    [
      'a selector that means several hosts',
      'web-*',
      2,
      'muster: “web-*” means 3 hosts: web-[1-3]; name one of them\n',
    ],
    ['one that means none', 'wbe-1', 2, expect.stringContaining('wbe-1')],
    ['a host of a read-only group', 'vault', 2, expect.stringContaining('vault is read-only')],
    [
      'a name that is not one of a user',
      '-oProxyCommand=x@web-1',
      2,
      expect.stringContaining('unknown option'),
    ],
    ['a user with a blank in it', 'a b@web-1', 2, 'muster: “a b” is not the name of a user\n'],
    [
      'a user of this machine',
      'root@here',
      2,
      'muster: here is reached without SSH, as the user that you are\n',
    ],
    ['an unknown host key', 'stranger', 255, expect.stringContaining('HOST_KEY_UNKNOWN')],
    ['a host that cannot be reached', 'gone', 255, expect.stringContaining('gone: REFUSED')],
  ])('%s', async (_name, host, status, stderr) => {
    const env = { MUSTER_KNOWN_HOSTS: join(farm.directory, 'own') };
    expect(await muster(ssh(host, '--', 'true'), { env })).toEqual({ status, stdout: '', stderr });
  });

  it('a key that has changed, with --accept-new too', async () => {
    const other = await farm.start();
    const known = await farm.write(
      'changed',
      await daemon.knownHostsLine(daemon.hostKeys[0], `[${other.address}]:${other.port}`),
    );
    const file = await farm.write(
      'changed.yaml',
      `hosts: { web: { address: ${other.address}, ssh: { port: ${other.port}, user: ${userInfo().username}, identityFile: ${farm.clientKey}, knownHosts: ${known} } } }\n`,
    );
    const { status, stderr } = await muster(['ssh', '-i', file, 'web', '--accept-new', '--', 'true']);
    expect(status).toBe(255);
    expect(stderr).toContain('HOST_KEY_MISMATCH');
  });
});
