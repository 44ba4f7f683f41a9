import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SshConfig } from '../../../../src/platform/transport/ssh/config/sshConfig';
import { type Configuration, generated, handMade, included } from './sshConfigurations';

/** What is compared, by the keyword of `ssh -G`. */
type Settings = Record<string, string | string[]>;

/** The keys that `ssh -G` lists where no IdentityFile is named. */
const defaultKey = /^~\/\.ssh\/id_(rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa)$/;

describe('ssh_config', () => {
  const { HOME: ownHome, MUSTER_KEYS: ownKeys } = process.env;
  let home: string;
  let count = 0;

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'muster-ssh-config-'));
    await mkdir(path.join(home, '.ssh/conf.d'), { recursive: true });
    for (const [name, text] of Object.entries(included))
      await writeFile(path.join(home, '.ssh', name), text, { mode: 0o600 });
    // OpenSSH takes the home folder from here for Include, and from passwd for other paths.
    Object.assign(process.env, { HOME: home, MUSTER_KEYS: '/keys' });
  });
  afterAll(async () => {
    Object.assign(process.env, { HOME: ownHome });
    if (ownKeys === undefined) delete process.env['MUSTER_KEYS'];
    await rm(home, { recursive: true });
  });

  /** The settings by `ssh -G`, or undefined where it refuses the file. */
  function settingsOfSsh(file: string, host: string): Promise<Settings | undefined> {
    return new Promise((resolve) => {
      execFile('ssh', ['-G', '-F', file, host], (error, stdout) => {
        if (error) return resolve(undefined);
        const lines = stdout
          .split('\n')
          .map((line) => [line.split(' ')[0]!, line.replace(/^\S+ ?/, '')] as const);
        const one = (keyword: string, fallback = '') =>
          lines.find(([name]) => name === keyword)?.[1] ?? fallback;
        const keys = lines.filter(([name]) => name === 'identityfile').map(([, value]) => value);
        const hostName = one('hostname');
        const tokens: Record<string, string> = {
          '%h': hostName,
          '%n': host,
          '%d': userInfo().homedir,
          '%%': '%',
        };
        resolve({
          hostname: hostName,
          user: one('user'),
          port: one('port'),
          identityfile: (keys.every((key) => defaultKey.test(key)) && keys.length === 7 ? ['default'] : keys)
            .filter((key) => key.toLowerCase() !== 'none')
            .map((key) => key.replace(/%[hnd%]/g, (token) => tokens[token]!))
            .map((key) => atHome(key.replace(/^~/, userInfo().homedir).replace('${MUSTER_KEYS}', '/keys'))),
          identitiesonly: one('identitiesonly'),
          identityagent: atHome(one('identityagent')),
          userknownhostsfile: atHome(one('userknownhostsfile')).replace(/^none$/, ''),
          globalknownhostsfile: one('globalknownhostsfile'),
          hostkeyalias: one('hostkeyalias'),
          proxyjump: one('proxyjump').replace(/^none$/, ''),
          proxycommand: one('proxycommand').replace(/^none$/, ''),
          connecttimeout: one('connecttimeout').replace('none', '0'),
          serveraliveinterval: one('serveraliveinterval'),
        });
      });
    });
  }

  /** The settings as Muster reads them, and what it reports. */
  async function settingsOfMuster(
    file: string,
    host: string,
  ): Promise<{ settings?: Settings; problems: string[] }> {
    const problems: string[] = [];
    const config = new SshConfig(({ message }) => problems.push(message), {
      userFolder: path.join(home, '.ssh'),
    });
    const found = await config
      .resolve(host, [file])
      .catch((error: Error) => void problems.push(error.message));
    if (!found) return { problems };
    return {
      problems,
      settings: {
        hostname: found.hostName ?? host.toLowerCase(),
        user: found.user ?? userInfo().username,
        port: String(found.port ?? 22),
        identityfile: (found.identityFiles ?? ['default']).map(atHome),
        identitiesonly: found.identitiesOnly ? 'yes' : 'no',
        identityagent: atHome(found.identityAgent ?? ''),
        userknownhostsfile: atHome(
          (found.knownHosts ?? ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']).join(' '),
        ),
        globalknownhostsfile: (
          found.globalKnownHosts ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']
        ).join(' '),
        hostkeyalias: found.hostKeyAlias ?? '',
        proxyjump: found.proxyJump?.join(',').replaceAll('ssh://', '') ?? '',
        proxycommand: found.proxyCommand ?? '',
        connecttimeout: String((found.connectTimeoutMs ?? 0) / 1000),
        serveraliveinterval: String((found.keepaliveMs ?? 0) / 1000),
      },
    };
  }

  async function compare({ text, hosts }: Configuration): Promise<'same' | 'refused'> {
    const file = path.join(home, '.ssh', `config-${count++}`);
    await writeFile(file, text, { mode: 0o600 });
    let refused = false;
    for (const host of hosts) {
      const [ssh, muster] = await Promise.all([settingsOfSsh(file, host), settingsOfMuster(file, host)]);
      // OpenSSH refuses a file for any mistake in it; Muster goes on with what is sound, but never silently.
      if (!ssh) {
        expect(muster.problems, text).not.toEqual([]);
        refused = true;
      } else expect(muster, `${host}:\n${text}`).toEqual({ settings: ssh, problems: [] });
    }
    return refused ? 'refused' : 'same';
  }

  it.each(Object.entries(handMade))('is read as by ssh -G: %s', async (_, configuration) => {
    expect(await compare(configuration)).toBe(configuration.refused ? 'refused' : 'same');
  });

  it('is read as by ssh -G in 100 configurations made of the same pieces', async () => {
    const outcomes = { same: 0, refused: 0 };
    for (let seed = 1; seed <= 100; seed++) outcomes[await compare(generated(seed))]++;
    expect(outcomes.same).toBeGreaterThan(80);
  });
});

const atHome = (text: string) => text.replaceAll(userInfo().homedir, '~').replaceAll(homedir(), '~');
