import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConsents, readRecipient, readToken } from '../../../../src/features/serve/cli/secretFiles';
import { readServeOptions, type ServeOptions } from '../../../../src/features/serve/cli/serveOptions';
import type { Cli } from '../../../../src/shell/cli/cli';
import { scratchFolder, type ScratchFolder } from '../../../harness/scratchFolder';

let folder: ScratchFolder;
const secret = async (name: string, text: string, mode = 0o600) => {
  await writeFile(join(folder.path, name), text);
  await chmod(join(folder.path, name), mode);
};

beforeAll(async () => {
  folder = await scratchFolder();
  await secret('token', 'correct-horse-battery\n');
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('The options of muster serve', () => {
  const read = (options: Partial<ServeOptions>) =>
    readServeOptions({ color: false, tokenFile: 'token', ...options }, { cwd: folder.path } as Cli);

  it.each<[Partial<ServeOptions>, string]>([
    [{ tokenFile: undefined }, 'a token is needed at 127.0.0.1'],
    [{ listen: '0.0.0.0:0' }, '0.0.0.0 can be reached from other machines'],
    [{ listen: '0.0.0.0:0', allow: ['10.0.0.0/8'] }, 'can be reached from other machines'],
    [{ tlsCert: 'cert.pem' }, '--tls-cert and --tls-key belong together'],
    [{ endpoints: 'metrics,pprof' }, '“pprof” is not one of'],
    [{ interval: '10ms' }, '--interval: at least 1s'],
    [{ serverName: ['a b'] }, 'is not a name'],
    [{ externalUrl: 'ops' }, '“ops” is not a URL of http or https'],
    [{ probes: '-1' }, '--probes'],
  ])('%j are refused: %s', async (options, why) => {
    await expect(read(options)).rejects.toThrow(why);
  });

  it('are a minute, loopback and all endpoints but reload by default', async () => {
    const settings = await read({});
    expect(settings).toMatchObject({ intervalMs: 60_000, place: { host: '127.0.0.1', port: 9797 } });
    expect([...settings.endpoints]).toEqual(['metrics', 'vars', 'healthz', 'probe', 'alerts']);
  });

  it('need no token at a socket, which has a mode', async () => {
    expect((await read({ listen: 'unix:/run/x', tokenFile: undefined })).place.kind).toBe('unix');
  });
});

describe('A file with a token', () => {
  it('is read, its first line', async () => {
    await secret('lines', 'correct-horse-battery\r\nsecond\n');
    expect(await readToken('lines', folder.path)).toBe('correct-horse-battery');
  });

  it.each([
    ['group', 'correct-horse-battery\n', 0o640, 'others may read or write it'],
    ['world', 'correct-horse-battery\n', 0o604, 'others may read or write it'],
    ['short', 'short\n', 0o600, 'is not 16 or more characters'],
    ['empty', '', 0o600, 'is not 16 or more characters'],
    ['blanks', 'correct horse battery\n', 0o600, 'is not 16 or more characters'],
  ])('is refused when it is %s', async (name, text, mode, why) => {
    await secret(name, text, mode);
    await expect(readToken(name, folder.path)).rejects.toThrow(why);
  });

  it('is refused when it is not there, or no file', async () => {
    await expect(readToken('none', folder.path)).rejects.toThrow('there is no such file');
    await expect(readToken('.', folder.path)).rejects.toThrow('it is a folder');
  });
});

describe('Whom to alert', () => {
  const read = (text: string) => readRecipient(text, '--webhook', folder.path);

  it('is a URL, or one in a file with headers, whose user becomes a header', async () => {
    expect(await read('http://127.0.0.1:9093')).toEqual({ url: 'http://127.0.0.1:9093/', headers: {} });
    await secret('hook', 'https://me:p%40ss@hooks.example/a?b=c\nX-Team: ops\n\n');
    expect(await read('@hook')).toEqual({
      url: 'https://hooks.example/a?b=c',
      headers: { Authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`, 'X-Team': 'ops' },
    });
  });

  it.each(['http://me:secretsecret@127.0.0.1/', 'https://hooks.example/?token=secretsecret'])(
    'does not come with a secret in an argument: %s',
    async (text) => {
      const { message } = await read(text).then(
        () => new Error('taken'),
        (thrown: unknown) => thrown as Error,
      );
      expect(message).toContain('a secret does not belong on the command line');
      expect(message).not.toContain('secretsecret');
    },
  );

  it('is no header that breaks out of its line', async () => {
    await secret('bad', 'http://127.0.0.1/\nno header\n');
    await expect(read('@bad')).rejects.toThrow('below the URL are headers');
    await secret('control', 'http://127.0.0.1/\nX: a\u0001b\n');
    await expect(read('@control')).rejects.toThrow('below the URL are headers');
    await expect(read('ftp://127.0.0.1/')).rejects.toThrow('is not a URL of http or https');
  });
});

describe('A file of consents', () => {
  const id = 'ab'.repeat(32);

  it('has the ids that its lines begin with', async () => {
    await secret('consents', `# what runs by itself\n\n${id}  main/reload  systemctl reload app\n`, 0o644);
    expect(await readConsents({ consents: 'consents' }, folder.path)).toEqual(new Set([id]));
    expect(await readConsents({}, folder.path)).toEqual(new Set());
  });

  it('is refused where others may write it, or with what is no consent', async () => {
    await secret('shared', `${id}\n`, 0o666);
    await expect(readConsents({ consents: 'shared' }, folder.path)).rejects.toThrow(
      'others may read or write it',
    );
    await secret('wrong', `${id}\nmain/reload\n`);
    await expect(readConsents({ consents: 'wrong' }, folder.path)).rejects.toThrow('line 2');
  });
});
