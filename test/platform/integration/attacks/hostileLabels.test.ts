import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../../src/platform/inventory/model';
import { resolveShellLine } from '../../../../src/platform/inventory/shell/shellLine';
import { muster } from '../../../harness/musterCli';
import { type Sshd, SshdFarm } from '../../../harness/sshd';

const bare: Host = {
  ...{ name: 'web-01', address: '127.0.0.1', labels: {}, groups: [], ssh: {}, variables: {} },
  source: { file: '/muster.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 },
};

describe('Labels that would run something', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let folder: string;
  /** What no label may create. */
  let touched: string;
  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start();
    await farm.write('known_hosts', await daemon.knownHostsLine());
    folder = await mkdtemp(join(tmpdir(), 'muster-labels-'));
    touched = join(folder, 'touched');
  });
  afterAll(async () => {
    await farm[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const withLabel = async (value: string, sections: string) => {
    const ssh = {
      port: daemon.port,
      identityFile: farm.clientKey,
      knownHosts: join(farm.directory, 'known_hosts'),
    };
    const hosts = { 'web-01': { address: daemon.address, labels: { x: value }, ssh } };
    await writeFile(join(folder, 'muster.yaml'), `hosts: ${JSON.stringify(hosts)}\n${sections}\n`);
  };
  const run = (...args: string[]) => muster([...args, '-i', join(folder, 'muster.yaml')], { cwd: folder });
  const nothingRan = async () => expect(await readdir(folder)).not.toContain('touched');

  const values = () => [
    `'; touch ${touched}; '`,
    `; touch ${touched}`,
    `$(touch ${touched})`,
    `\`touch ${touched}\``,
    `\\'; touch ${touched}; '`,
    `"; touch ${touched}; "`,
    `&& touch ${touched} #`,
  ];

  it('are what a check, a log and a profiler print, and nothing else', async () => {
    for (const value of values()) {
      await withLabel(
        value,
        `checks: { c: { type: command, run: "printf %s {label.x}" } }
logs: { l: { command: "printf '%s\\\\n' {label.x}" } }
profilers: { p: { type: command, run: "printf '%s 1\\\\n' {label.x} | tr ';' ,", duration: 1s } }`,
      );
      const check = await run('check', '--json');
      expect(check.status, check.stdout + check.stderr).toBe(0);
      expect(check.stdout).toContain(JSON.stringify(value));
      const logs = await run('logs', '--no-follow', '--json');
      expect(logs.stdout, logs.stderr).toContain(JSON.stringify(value));
      const profile = await run('profile', 'capture', 'web-01', '--profiler', 'p', '-o', '-');
      expect(profile.stdout, profile.stderr).toBe(`${value.replaceAll(';', ',')} 1\n`);
      await nothingRan();
    }
  });

  it('end the command before anything runs where it puts them in quotes', async () => {
    const quoted = [
      "echo '{label.x}'",
      'echo "{label.x}"',
      'echo `echo {label.x}`',
      'echo "$(echo {label.x})"',
    ];
    for (const line of [...quoted, 'cat <<END\n{label.x}\nEND']) {
      for (const value of values().slice(0, 3)) {
        await withLabel(value, `checks: ${JSON.stringify({ c: { type: 'command', run: line } })}`);
        const { status, stderr } = await run('check');
        expect({ status, stderr }).toEqual({
          status: 2,
          stderr: expect.stringMatching(/muster\.yaml:2:\d+: error: \{label\.x\} is in /),
        });
      }
      await run('check', '--keep-going');
    }
    await withLabel(values()[0]!, '');
    const { stderr, status } = await run('logs', '--command', "echo '{label.x}'", '--no-follow');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('is in single quotes'),
    });
    await nothingRan();
  });

  it('end the command before a shell evaluates them', async () => {
    const lines = [
      ...[
        '[ -v {label.x} ]',
        'printf -v {label.x} a',
        'printf %d {label.x}',
        'echo $[{label.x}+1]',
        'a[{label.x}]=1',
      ],
      ...[
        'x={label.x}; echo $((x))',
        'x={label.x}; echo ${a[x]}',
        'PS4={label.x}; set -x; true',
        'exit {label.x}',
      ],
      ...[
        'command -- eval {label.x}',
        '2>/dev/null eval {label.x}',
        'source <(echo {label.x})',
        'export {label.x}',
      ],
      ...[
        "sh -c 'cat '{label.x}",
        `awk 'BEGIN { print "'{label.x}'" }'`,
        'echo a >&{label.x}',
        'echo *(e:{label.x}:)',
      ],
      'cat <<E\npath \\\nE\n{label.x}\nE',
    ];
    const checks = Object.fromEntries(lines.map((run, index) => [`c${index}`, { type: 'command', run }]));
    for (const value of [`a[$(touch ${touched})]`, `path[$(touch ${touched})]=1`, `touch ${touched}`]) {
      await withLabel(value, `checks: ${JSON.stringify(checks)}`);
      const { status, stderr } = await run('check');
      expect(status).toBe(2);
      expect(stderr.match(/error: \{label\.x\} /g)).toHaveLength(lines.length);
      await run('check', '--keep-going');
      await nothingRan();
    }
  });

  const shells = ['/bin/sh', 'bash', 'dash', 'zsh'].filter((name) => !spawnSync(name, ['-c', ':']).error);
  it.each(shells)('are what the safe forms print, in %s', async (shell) => {
    const lines = [
      ...[`sh -c 'printf %s "$1"' sh {label.x}`, `env x={label.x} awk 'BEGIN { printf "%s", ENVIRON["x"] }'`],
      ...[
        'x={label.x}; printf %s "$x"',
        'cat <<E >&2\nE\nprintf %s {label.x}',
        'time -p true; printf %s {label.x}',
      ],
      ...['find . -name {label.x}; printf %s {label.x}', '[ {label.x} = 1 ] || printf %s {label.x}'],
      ...['printf %s {label.x} >out; cat out', 'cat <<E >&2\npath \\\nE\nE\nprintf %s {label.x}'],
    ];
    const hostile = [
      `a[$(touch ${touched})]`,
      `path[$(touch ${touched})]`,
      `*(e:touch ${touched}:)`,
      '2',
      '\\n',
    ];
    for (const value of [...values(), ...hostile])
      for (const line of lines) {
        const host = { ...bare, labels: { x: value } };
        const { stdout, stderr } = spawnSync(shell, ['-c', resolveShellLine(line, host)], {
          ...{ cwd: folder, encoding: 'utf8', timeout: 20_000 },
        });
        expect(stdout, `${line}: ${stderr}`).toBe(value);
      }
    await nothingRan();
  });

  it.each([
    ['a\ntouch touched', 'the value of {label.x} holds a control character'],
    ['a\0b', 'the value of {label.x} holds a control character'],
    ['--output=touched', 'the value of {label.x} begins with “-”'],
  ])('are refused by line and key when they are no word for a command: %j', async (value, message) => {
    const sections = `checks: { c: { type: command, run: "sort {label.x} -" } }
logs: { l: { command: "sort {label.x} -" } }
profilers: { p: { type: command, run: "sort {label.x} -" } }`;
    await withLabel(value, sections);
    const { status, stderr } = await run('check');
    expect(status).toBe(2);
    for (const [line, entry] of [
      [2, 'check “c”'],
      [3, 'log “l”'],
      [4, 'profiler “p”'],
    ] as const)
      expect(stderr).toMatch(
        new RegExp(
          `muster\\.yaml:${line}:\\d+: error: ${entry} leaves out web-01: ${message.replace(/[{}.]/g, '\\$&')}`,
        ),
      );
    await nothingRan();
  });
});
