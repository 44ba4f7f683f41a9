import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerChannel, SFTPWrapper } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostileSsh, startHostileSsh } from '../../../harness/hostileSsh';
import { muster } from '../../../harness/musterCli';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';

let farm: SshdFarm;
let daemons: Sshd[];
let inventory: string;
/** `{root}` of each host is its own folder, so that one path names other files on each: the PATH begins there. */
const roots: string[] = [];

/** A host on which dpkg lists these packages. */
async function hostWith(packages: Record<string, string>): Promise<Sshd> {
  const root = join(farm.directory, `root-${roots.length}`);
  roots.push(root);
  await mkdir(root);
  const lines = Object.entries(packages).map(([name, version]) => `l\\tii \\t${name}\\t${version}\\n`);
  await writeFile(join(root, 'dpkg-query'), `#!/bin/sh\nprintf '%b' '${lines.join('')}'\n`, { mode: 0o755 });
  return farm.start({ config: [`SetEnv HOME= PATH=${root}:/usr/bin:/bin`, 'Subsystem sftp internal-sftp'] });
}

beforeAll(async () => {
  farm = await SshdFarm.create();
  const usual = { openssl: '3.0.13-1', libssl3: '3.0.13-1', bash: '5.2' };
  daemons = [];
  for (const packages of [
    usual,
    usual,
    { ...usual, openssl: '3.0.11-1', libssl3: '3.0.11-1' },
    { ...usual, curl: '8.1' },
  ])
    daemons.push(await hostWith(packages));
  const names = ['web-1', 'web-2', 'web-3', 'web-4'];
  const files = await sshdInventory(
    farm,
    names.map((name, index) => ({ name, daemon: daemons[index]! })),
  );
  await farm.write('known_hosts', files.known_hosts);
  inventory = await farm.write(
    'muster.yaml',
    `${files['muster.yaml']}  gone: { address: 127.0.0.1, ssh: { port: 1 } }\n`,
  );
});

afterAll(() => farm[Symbol.asyncDispose]());

const drift = (...words: string[]) => muster(['drift', '-i', inventory, ...words], { cwd: farm.directory });

describe('muster drift', () => {
  it('says what differs, each way of dividing the hosts once', async () => {
    const { status, stdout, stderr } = await drift('web-*', '--facts', 'packages');
    expect(stderr).toBe('');
    expect(stdout).toBe(`2 of 4 hosts agree
  web-[1-2] (2)
  web-3 (1)
  web-4 (1)

web-4
  packages
    curl: 8.1 (others absent)

web-3
  packages
    libssl3: 3.0.11-1 (others 3.0.13-1)
    openssl: 3.0.11-1 (others 3.0.13-1)
`);
    expect(status).toBe(1);
  });

  it('exits 0 where all is the same and was seen', async () => {
    const { status, stdout } = await drift('web-1', 'web-2', '--facts', 'packages,libc');
    expect(stdout).toBe('2 of 2 hosts agree\n');
    expect(status).toBe(0);
  });

  it('calls none right in a tie', async () => {
    const { stdout } = await drift('web-2', 'web-3', '--facts', 'packages');
    expect(stdout).toContain('1 of 2 hosts agree, as do others: 2 groups are of this size\n');
    expect(stdout).toContain('\nweb-2 / web-3\n  packages\n    libssl3: web-2 3.0.13-1; web-3 3.0.11-1\n');
  });

  it('names a host that is not reached, which is not the same', async () => {
    const { status, stdout } = await drift('web-1', 'web-2', 'gone', '--facts', 'packages');
    expect(stdout).toMatch(
      /^2 of 2 hosts agree; 1 without an answer\n\nWithout an answer\n {2}gone: REFUSED: /,
    );
    expect(status).toBe(3);
  });

  it('knows a difference however much cannot be seen', async () => {
    const { status, stdout } = await drift('web-1', 'web-3', 'gone', '--facts', 'packages');
    expect(stdout).toContain('openssl');
    expect(status).toBe(1);
  });

  it('--json has groups, differences and what cannot be seen', async () => {
    const { stdout } = await drift('web-*', 'gone', '--facts', 'packages', '--json');
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report).toMatchObject({
      summary: { total: 5, ok: 4, failed: 1 },
      facts: ['packages'],
      answered: 4,
      tied: 1,
      groups: [{ hostSet: 'web-[1-2]', isPartial: false }, { hostSet: 'web-3' }, { hostSet: 'web-4' }],
      differences: [
        {
          entries: [{ fact: 'packages', name: 'curl' }],
          common: { hostSet: 'web-[1-3]', values: [null] },
          others: [{ hosts: ['web-4'], values: ['8.1'] }],
        },
        {
          entries: [{ name: 'libssl3' }, { name: 'openssl' }],
          others: [{ values: ['3.0.11-1', '3.0.11-1'] }],
        },
      ],
      unseen: [],
    });
    expect((report.results as { host: string; status: string }[]).map(({ status }) => status)).toEqual([
      ...['ok', 'ok', 'ok', 'ok'],
      'failed',
    ]);
  });

  it('--against holds the hosts against one, also where most have something else', async () => {
    const { status, stdout } = await drift('web-1', 'web-2', '--against', 'web-3', '--facts', 'packages');
    expect(stdout).toContain('\nweb-[1-2]\n  packages\n    libssl3: 3.0.13-1 (web-3 3.0.11-1)\n');
    expect(status).toBe(1);
  });

  it('--save keeps what the hosts show, and --against says what has changed since', async () => {
    const saved = join(farm.directory, 'saved.json');
    const first = await drift('web-1', 'web-2', '--facts', 'packages', '--save', saved);
    expect([first.status, first.stderr]).toEqual([0, '']);
    expect(JSON.parse(await readFile(saved, 'utf8'))).toMatchObject({
      muster: 'drift',
      version: 1,
      facts: [{ fact: 'packages', groups: [{ hosts: ['web-1', 'web-2'], entries: { bash: '5.2' } }] }],
    });
    const same = await drift('web-1', 'web-2', '--against', saved);
    expect([same.status, same.stdout]).toEqual([0, 'Nothing is known to have changed on the hosts (2)\n']);

    const tool = join(roots[1]!, 'dpkg-query');
    const before = await readFile(tool, 'utf8');
    await writeFile(tool, before.replace('5.2', '5.3'));
    const changed = await drift('web-1', 'web-2', 'web-4', '--against', saved);
    await writeFile(tool, before);
    expect(changed.stdout).toContain('\nweb-2\n  packages\n    bash: 5.2 → 5.3\n');
    expect(changed.stdout).toContain('\n  web-4: packages: not there: saved.json\n');
    expect(changed.status).toBe(1);

    await drift('web-3', '--facts', 'packages', '--save', saved);
    const one = await drift('web-1', 'web-2', '--against', saved);
    expect(one.stdout).toContain(
      '\nweb-[1-2]\n  packages\n    libssl3: 3.0.13-1 (web-3 (saved.json) 3.0.11-1)\n',
    );
  });

  it('--diff shows the entries of each group as a unified diff from the first', async () => {
    const { stdout } = await drift('web-1', 'web-3', '--facts', 'packages', '--diff');
    expect(stdout).toContain(
      '\n--- web-1\n+++ web-3\n@@ -1,4 +1,4 @@\n [packages]\n bash: 5.2\n' +
        '-libssl3: 3.0.13-1\n-openssl: 3.0.13-1\n+libssl3: 3.0.11-1\n+openssl: 3.0.11-1\n',
    );
  });

  it.each([
    [['web-1'], /one host has nothing to be compared with/],
    [[], /which hosts\?/],
    [['web-*', '--facts', 'os,nothing'], /unknown fact “nothing”\nKnown are os, packages/],
    [['web-*', '--facts', 'files'], /write files=GLOB/],
    [['web-*', '--facts', 'files=etc/x'], /files: “etc\/x” is not an absolute path/],
    [['web-*', '--facts', 'os=x'], /the fact os takes nothing after its name/],
    [['web-*', '--against', 'web-9'], /the inventory has no host of that name/],
    [['web-*', '--against', './none.json'], /cannot read/],
  ] as const)('%j is refused before anything is connected to', async (words, message) => {
    const { status, stderr } = await drift(...words);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });

  it('a file that is not a snapshot is refused', async () => {
    await writeFile(join(farm.directory, 'other.json'), '{"muster":"drift","version":2}');
    const { status, stderr } = await drift('web-1', '--against', 'other.json');
    expect(stderr).toMatch(/--against other\.json: this is not a snapshot of muster drift, version 1/);
    // 1 would say that something differs.
    expect(status).toBe(2);
  });

  it('files that no host has are said not to be there, which is no agreement on what was meant', async () => {
    const { status, stderr } = await drift('web-1', 'web-2', '--facts', 'packages,files=/no/such/*');
    expect([status, stderr]).toEqual([0, 'muster: files=/no/such/*: no host has any\n']);
  });
});

describe('A host that misbehaves', () => {
  let hostile: HostileSsh;
  let exec: (channel: ServerChannel, nonce: string) => void;
  let sftp: (session: SFTPWrapper) => void = () => {};
  let other: string;

  beforeAll(async () => {
    hostile = await startHostileSsh(daemons[0]!, {
      sftp: (session) => sftp(session),
      exec: (channel) => {
        let script = '';
        channel.on('data', (chunk: Buffer) => {
          script += chunk.toString();
          const nonce = /\bN=(\w+)/.exec(script)?.[1];
          if (!/\nexit 0\n}\n$/.test(script) || nonce === undefined) return;
          exec(channel, nonce);
        });
      },
    });
    const known = await readFile(join(farm.directory, 'known_hosts'), 'utf8');
    await farm.write('known_hosts', `${known}${hostile.known}`);
    other = await farm.write(
      'hostile.yaml',
      (await readFile(inventory, 'utf8')) +
        `  evil: { address: 127.0.0.1, ssh: { port: ${hostile.port} } }\n`,
    );
  });
  afterAll(() => hostile[Symbol.asyncDispose]());

  const ask = (...words: string[]) =>
    muster(['drift', '-i', other, 'web-1', 'evil', '--facts', 'libc', ...words], { cwd: farm.directory });
  const end = (channel: ServerChannel) => {
    channel.exit(0);
    channel.end();
  };

  it('that sends without end is cut off, and what is missing is not called absent', async () => {
    let sent = 0;
    exec = (channel, nonce) => {
      const piece = Buffer.from(`${nonce}0\t=\tname\tvalue\n`.repeat(1_000));
      const more = () => {
        while (!channel.destroyed && sent < 1024 ** 3) {
          sent += piece.length;
          if (!channel.write(piece)) return void channel.once('drain', more);
        }
      };
      channel.on('close', () => channel.destroy());
      more();
    };
    const { status, stdout } = await ask();
    expect(stdout).toContain('evil: libc: cut off\n');
    expect(stdout).not.toContain('absent)');
    expect(sent).toBeLessThan(256 * 1024 ** 2);
    expect(status).toBe(3);
  });

  it('is asked for the content of a file by --diff alone, and secrets in it are hidden', async () => {
    const file = await farm.write('app.conf', 'port=8080\nmode=fast\npassword=hunter2-of-web\n');
    const content = Buffer.from('port=8081\nmode=fast\npassword=hunter2-of-evil\n');
    let opened = 0;
    exec = (channel, nonce) => {
      channel.write(`${nonce}0\t=\t${file} content\t${'0'.repeat(64)}\n${nonce}0\te\n`);
      end(channel);
    };
    sftp = (session) => {
      const attrs = { mode: 0o100644, uid: 0, gid: 0, size: content.length, atime: 0, mtime: 0 };
      session.on('STAT', (id) => session.attrs(id, attrs));
      session.on('FSTAT', (id) => session.attrs(id, attrs));
      session.on('OPEN', (id) => {
        opened++;
        session.handle(id, Buffer.from('1'));
      });
      session.on('READ', (id, _handle, offset, length) =>
        offset < content.length
          ? session.data(id, content.subarray(offset, offset + length))
          : session.status(id, 1),
      );
      session.on('CLOSE', (id) => session.status(id, 0));
    };
    const words = ['drift', '-i', other, 'web-1', 'evil', '--facts', `files=${file}`];
    const plain = await muster(words, { cwd: farm.directory });
    expect(plain.stdout).toContain(`${file} content: web-1 `);
    expect([opened, plain.stdout.includes('8080')]).toEqual([0, false]);
    const { stdout } = await muster([...words, '--diff'], { cwd: farm.directory });
    expect(stdout).toContain(`--- web-1:${file}\n+++ evil:${file}\n`);
    expect(stdout).toContain('-port=8080\n+port=8081\n mode=fast\n password=');
    expect(opened).toBe(1);
    expect(stdout).not.toContain('hunter2');
  });

  it('that sends a line of 10 MB, wrong markers and names of others shows nothing but its own', async () => {
    exec = (channel, nonce) => {
      channel.write(`${nonce}0\t=\tlong\t${'x'.repeat(7 * 1024 ** 2)}\n`);
      channel.write(
        `${nonce}9\t=\tnobody\tasked\n${nonce}0\tz\twhat\n${nonce}x\t=\ta\tb\n0\t=\tunmarked\tvalue\n`,
      );
      channel.write(`${nonce}0\t?\tname\tinvented\treason\n${nonce}0\t=\tno value\n`);
      channel.write(
        `${nonce}0\t=\tlibc\t2.36\x1b[2J\u202eweb-1: owned\r\n${nonce}0\te\n${nonce}0\t=\tlate\t1\n`,
      );
      end(channel);
    };
    const { stdout } = await ask();
    expect(stdout).toContain('evil: libc: not readable\n');
    expect(stdout).toMatch(/ {4}libc: web-1 glibc \S+; evil 2\.36web-1: owned \(sha256 [0-9a-f]{12}\)\n/);

    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
    for (const name of ['nobody', 'unmarked', 'late', 'long', 'invented']) expect(stdout).not.toContain(name);
  });

  it('that has no shell to ask is not the same as anybody', async () => {
    exec = (channel) => {
      channel.exit(127);
      channel.end();
    };
    const { status, stdout } = await ask();
    expect(stdout).toContain('evil: libc: failed: exit status 127\n');
    expect(status).toBe(3);
  });

  it('that says nothing is left when the time is up', async () => {
    exec = () => {};
    const { status, stdout } = await ask('--timeout', '2s');
    expect(stdout).toContain('evil: libc: took too long: no result within 2 s\n');
    expect(status).toBe(3);
  });
});
