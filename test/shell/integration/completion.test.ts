import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { muster } from '../../harness/musterCli';
import { until } from '../../harness/until';

const inventory = `hosts:
  web-1: { address: 127.0.0.1, labels: { role: web } }
  'v:6': { address: 127.0.0.1 }
groups: { canary: { hosts: web-1 } }
checks:
  health: { type: tcp, port: 1 }
  port: { type: tcp, port: 1 }
  two words: { type: tcp, port: 1 }
  it's: { type: tcp, port: 1 }
  $(touch pwned): { type: tcp, port: 1 }
  "\`touch pwned\`": { type: tcp, port: 1 }
  ";touch pwned": { type: tcp, port: 1 }
  -dash: { type: tcp, port: 1 }
etcd: { main: { endpoints: ['127.0.0.1:1'] } }
logs: { app: { on: web-1, path: /var/log/app.log } }
`;

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-completion-'));
  await writeFile(at('muster.yaml'), inventory);
  await mkdir(at('other'));
  await writeFile(at('other', 'fleet.yaml'), 'hosts:\n  other-1: { address: 127.0.0.1 }\n');
  await mkdir(at('sp ace'));
  await writeFile(at('sp ace', 'fleet.yaml'), '');
  await writeFile(at('100%s.yaml'), '');
  await mkdir(at('bin'));
  // Completes as the real one, and otherwise only writes down what it was called with.
  await writeFile(
    at('bin', 'muster'),
    `#!/bin/sh
[ "$1" = completion ] && exec '${process.execPath}' '${inject('cli')}' "$@"
printf '%s\\0' "$@" > "$GIVEN.part"
mv "$GIVEN.part" "$GIVEN"
`,
  );
  await chmod(at('bin', 'muster'), 0o755);
});

afterAll(() => rm(folder, { recursive: true }));

describe('the names that completion asks for', () => {
  const quiet = { status: 0, stdout: '', stderr: '' };

  it('are those of the files: the sources of hosts are not asked', async () => {
    const server = createServer((socket) => socket.destroy());
    const connected = vi.fn();
    server.on('connection', connected).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await writeFile(
      at('found.yaml'),
      `hosts: { here: { address: 127.0.0.1 } }
etcd: { main: { endpoints: ['127.0.0.1:${port}'] } }
discover: { web: { etcd: main, prefix: /web/ } }
`,
    );
    const names = await muster(['completion', '--names', 'selector', '-i', at('found.yaml')]);
    expect(names).toEqual({ status: 0, stdout: 'here\n@web\nall\n', stderr: '' });
    expect(connected).not.toHaveBeenCalled();
    server.close();
  });

  it('are none, without an error and without waiting, where there is no file to read', async () => {
    await promisify(execFile)('mkfifo', [at('pipe')]);
    for (const file of [at('pipe'), at('nowhere.yaml'), folder])
      expect(await muster(['completion', '--names', 'host', '-i', file])).toEqual(quiet);
  });

  it('are those of what is sound in a file that has errors', async () => {
    await writeFile(
      at('half.yaml'),
      'hosts:\n  good: { address: 127.0.0.1 }\n  bad: { adress: x }\nchecks: 5\n',
    );
    const names = await muster(['completion', '--names', 'host', '-i', at('half.yaml')]);
    expect(names).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^good$/m) as string,
      stderr: '',
    });
  });
});

/** How each shell is started without the settings of a person, and loads the script. */
const shells = {
  bash: { start: 'bash --noprofile --norc -i', load: '.' },
  zsh: { start: 'zsh -f -i', load: 'autoload -Uz compinit && compinit -u -D && .' },
  fish: { start: 'fish --no-config -i', load: 'source' },
};

/** A shell on a terminal, where a line is typed. */
class TypedShell {
  private screen = '';

  private constructor(
    private readonly name: keyof typeof shells,
    private readonly child: ChildProcessWithoutNullStreams,
  ) {
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.screen += text));
  }

  static async start(name: keyof typeof shells): Promise<TypedShell> {
    const script = at(`script.${name}`);
    await writeFile(script, (await muster(['completion', name])).stdout);
    const { start, load } = shells[name];
    const child = spawn(
      'script',
      ['--quiet', '--return', '--command', `stty rows 40 columns 120; exec ${start}`, '/dev/null'],
      {
        cwd: folder,
        env: {
          ...process.env,
          ...{ HOME: folder, PATH: `${at('bin')}:${process.env.PATH}`, TERM: 'xterm', LANG: 'C.UTF-8' },
          // Where fish keeps its socket.
          XDG_RUNTIME_DIR: folder,
          GIVEN: at(name),
        },
        stdio: 'pipe',
      },
    );
    const shell = new TypedShell(name, child);
    child.stdin.write(`${load} ${script}\n`);
    await shell.type('muster ready');
    return shell;
  }

  /** What the program is called with when this is typed and entered. */
  async type(line: string): Promise<string[]> {
    this.screen = '';
    this.child.stdin.write(`${line}\n`);
    try {
      await until('the line is carried out', () => existsSync(at(this.name)), 30_000);
    } catch (error) {
      throw new Error(`${this.name}, ${JSON.stringify(line)}: ${this.screen}`, { cause: error });
    }
    const given = await readFile(at(this.name), 'utf8');
    await rm(at(this.name));
    return given.split('\0').slice(0, -1);
  }

  /** Hangs up: what is typed after an interrupt may be dropped with it. */
  async stop(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}

it('says in zsh what has to come before it', async () => {
  const { stdout } = await muster(['completion', 'zsh']);
  await writeFile(at('early.zsh'), stdout);
  const loaded = await promisify(execFile)('zsh', ['-f', '-c', `. ${at('early.zsh')}; echo loaded`]);
  expect(loaded).toEqual({
    stdout: 'loaded\n',
    stderr: 'muster completion: run "autoload -Uz compinit; compinit" before this script\n',
  });
});

describe('completion in bash, zsh and fish', () => {
  let all: TypedShell[] = [];

  beforeAll(async () => {
    all = await Promise.all([TypedShell.start('bash'), TypedShell.start('zsh'), TypedShell.start('fish')]);
  });
  afterAll(() => Promise.all(all.map((shell) => shell.stop())));

  /** What the program is called with in each shell when this is typed, completed and entered. */
  async function completed(line: string): Promise<Record<string, string[]>> {
    const [bash, zsh, fish] = await Promise.all(all.map((shell) => shell.type(`${line}\t`)));
    return { bash: bash!, zsh: zsh!, fish: fish! };
  }
  const inEach = (args: unknown[]) => ({ bash: args, zsh: args, fish: args });

  it.each([
    ['muster chec', ['check']],
    ['muster check we', ['check', 'web-1']],
    ['muster check v:', ['check', 'v:6']],
    ['muster check web-1 @can', ['check', 'web-1', '@canary']],
    ['muster check role=w', ['check', 'role=web']],
    ['muster check --chec', ['check', '--check']],
    ['muster check --check he', ['check', '--check', 'health']],
    ['muster check --check=he', ['check', '--check=health']],
    ['muster check --check health po', ['check', '--check', 'health', 'port']],
    ['muster check --check health --fail', ['check', '--check', 'health', '--fail-fast']],
    ['muster etcd ge', ['etcd', 'get']],
    ['muster etcd get --cluster ma', ['etcd', 'get', '--cluster', 'main']],
    ['muster logs --source a', ['logs', '--source', 'app']],
    ['muster profile convert --to spee', ['profile', 'convert', '--to', 'speedscope']],
    ['muster help che', ['help', 'check']],
    ['muster etcd help ge', ['etcd', 'help', 'get']],
    ['muster check web-1,@can', ['check', 'web-1,@canary']],
    ['muster check role=web,ro', ['check', 'role=web,role=web']],
    ["muster check '!@can", ['check', '!@canary']],
    ["muster check 'web-[1,2],@can", ['check', 'web-[1,2],@canary']],
    ['muster check 100%s,@can', ['check', '100%s,@canary']],
    ['muster check -i 100', ['check', '-i', '100%s.yaml']],
    ['muster check --inventory=100', ['check', '--inventory=100%s.yaml']],
    ['muster check -i sp\\ ace/', ['check', '-i', 'sp ace/fleet.yaml']],
    ["muster check -i 'sp ace/", ['check', '-i', 'sp ace/fleet.yaml']],
    ['muster check --inventory="sp ace/', ['check', '--inventory=sp ace/fleet.yaml']],
    ['muster check -i other/fl', ['check', '-i', 'other/fleet.yaml']],
    ['muster check --inventory=other/fl', ['check', '--inventory=other/fleet.yaml']],
    ['muster check -i other/fleet.yaml ot', ['check', '-i', 'other/fleet.yaml', 'other-1']],
    ['muster check --inventory=other/fleet.yaml ot', ['check', '--inventory=other/fleet.yaml', 'other-1']],
    [
      'muster check -i ~/other/fleet.yaml ot',
      ['check', '-i', expect.stringMatching(/\/other\/fleet.yaml$/), 'other-1'],
    ],
    ['muster lab --directory ot', ['lab', '--directory', expect.stringMatching(/^other\/?$/)]],
  ])('%s', async (line, args) => {
    expect(await completed(line)).toEqual(inEach(args));
  });

  it.each([
    ['in the command of a run', 'muster run web-1 -- we', ['run', 'web-1', '--', 'we']],
    ['where nothing matches', 'muster check nosuch', ['check', 'nosuch']],
    [
      'where the inventory is not there',
      'muster check -i nowhere.yaml we',
      ['check', '-i', 'nowhere.yaml', 'we'],
    ],
    ['where values are free', 'muster check --timeout m', ['check', '--timeout', 'm']],
  ])('leaves a word as it is %s', async (_where, line, args) => {
    expect(await completed(line)).toEqual(inEach(args));
  });

  it.each([
    ['tw', 'two words'],
    ["'tw", 'two words'],
    ['it', "it's"],
    ['"it', "it's"],
    ['\\$', '$(touch pwned)'],
    ["'$", '$(touch pwned)'],
    ['\\`', '`touch pwned`'],
  ])('quotes a name so that it stays one word and is not run: %s', async (beginning, whole) => {
    expect(await completed(`muster check --check ${beginning}`)).toEqual(inEach(['check', '--check', whole]));
    expect(existsSync(at('pwned'))).toBe(false);
  });
});
