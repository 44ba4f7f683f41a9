import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseInventory } from '../../../src/core/inventory/loadInventory';
import type { Host } from '../../../src/core/inventory/model';
import { misplacedPlaceholders, resolveShellLine } from '../../../src/core/inventory/shellLine';

const hostWith = (x: string): Host => ({
  ...{ name: 'web-01', address: '127.0.0.1', labels: { x }, groups: [], ssh: {}, variables: {} },
  source: { file: '/muster.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 },
});
const places = (line: string) => misplacedPlaceholders(line).map(({ place }) => place);

describe('A placeholder in a command line', () => {
  it.each([
    'echo {label.x}',
    "echo 'it'{label.x}'s'",
    'x={label.x}; echo "on $x"',
    'echo $(basename {label.x} | tr a b)',
    'grep -e "a\\"b" -- {label.x} && [ {label.x} = y ]',
    'cat <<< {label.x}',
    "cat <<'END' {label.x}\nit's\nEND\necho {label.x}",
    'case {label.x} in a) true ;; esac; echo {label.x}',
    "awk '{print $1}' /var/log/{name}.log # it's all",
    'test $((1 << 2)) -eq 4 && echo {label.x}',
    'etcdctl role read {label.x}',
    'echo "$(date)" {label.x}',
    '(cd /srv/{label.x} && ls) >{label.x}.out',
  ])('stands as a word of its own in %s', (line) => {
    expect(places(line)).toEqual([]);
  });

  it.each([
    ["echo '{label.x}'", 'singleQuotes'],
    ["echo $'a\\'{label.x}'", 'singleQuotes'],
    ["echo '\\'{label.x}", 'singleQuotes'],
    ['echo "{label.x}"', 'doubleQuotes'],
    ['echo "$(cat {label.x})"', 'doubleQuotes'],
    ['echo "\\"{label.x}"', 'doubleQuotes'],
    ['echo `cat {label.x}`', 'backticks'],
    ['echo "`cat {label.x}`"', 'backticks'],
    ['cat <<END\n{label.x}\nEND', 'hereDocument'],
    ["cat <<-'END'\n\t{label.x}\n\tEND", 'hereDocument'],
    ['cat <<{label.x}\n', 'hereDocument'],
    ["true # it's {label.x}", 'comment'],
    ['echo ${a:-{label.x}}', 'expansion'],
    ['echo \\{label.x}', 'backslash'],
    ['echo $(({label.x} + 1))', 'arithmetic'],
    ['(({label.x} > 1))', 'arithmetic'],
    ['[[ {label.x} -eq 1 ]]', 'test'],
    ['eval echo {label.x}', 'evaluation'],
    ["if true; then 'ev'\\al echo {label.x}; fi", 'evaluation'],
    ['unset {label.x}', 'evaluation'],
    ['\\\neval {label.x}', 'evaluation'],
    ['echo "$(case a in a) echo " {label.x} ";; esac)"', 'case'],
  ])('is refused in %s', (line, place) => {
    expect(places(line)).toEqual([place]);
    expect(() => resolveShellLine(line, hostWith('plain'))).toThrow(
      expect.objectContaining({ code: 'INVENTORY', host: 'web-01' }),
    );
  });

  it.each(['a\nb', 'a\0b', 'a\x1b[2J', 'a\rb'])('takes no value with control characters: %j', (value) => {
    expect(() => resolveShellLine('echo a{label.x}', hostWith(value))).toThrow(
      'the value of {label.x} holds a control character',
    );
  });

  it('takes a value that could be an option only where none is expected', () => {
    const resolve = (line: string) => resolveShellLine(line, hostWith('--checkpoint-action=exec=sh'));
    for (const line of [
      'tar xf {label.x}',
      'a -- b; tar {label.x}',
      'echo {label.x}{label.x}',
      'x \\\n{label.x}',
    ])
      expect(() => resolve(line)).toThrow('begins with “-”');
    expect(resolve('tar xf -- {label.x}')).toBe("tar xf -- '--checkpoint-action=exec=sh'");
    expect(resolve('tar --file={label.x} a')).toBe("tar --file='--checkpoint-action=exec=sh' a");
    expect(resolveShellLine('head -n {label.x}', hostWith('-5'))).toBe('head -n -5');
  });

  it('is no assignment, and no expansion of another shell', () => {
    const resolve = (value: string) => resolveShellLine('{label.x} run', hostWith(value));
    expect(resolve('LD_PRELOAD=/tmp/x.so')).toBe("'LD_PRELOAD=/tmp/x.so' run");
    expect(resolve("\\'; touch X; '")).toBe("''\\\\''\\''; touch X; '\\''' run");
    expect(resolve('a!b')).toBe("'a'\\!'b' run");
  });
});

describe('A muster.yaml whose command lines quote placeholders', () => {
  const problems = (text: string) =>
    parseInventory(text, '/fleet/muster.yaml').problems.map(
      ({ severity, message, range }) =>
        `${range.line}:${range.column}-${range.endColumn} ${severity} ${message}`,
    );
  const hosts = 'hosts: { a: { labels: { x: "; touch X" } }, b: { labels: { x: -rf } } }\n';

  it.each([
    ['checks: { c: { type: command, run: "echo \'{label.x}\'" } }', '2:43-52'],
    ['profilers: { p: { type: command, run: "echo \'{label.x}\'" } }', '2:46-55'],
    ['logs: { l: { command: "echo \'{label.x}\'" } }', '2:30-39'],
  ])('is told the place, and nothing of it runs: %s', (entry, place) => {
    const { checks, profilers, logs } = parseInventory(hosts + entry, '/fleet/muster.yaml');
    expect([checks.size, profilers.size, logs.size]).toEqual([0, 0, 0]);
    expect(problems(hosts + entry)).toEqual([
      `${place} error {label.x} stands in single quotes: its value is put in as a quoted word, and could become a part of the command there; write x={…} at the beginning of the command and "$x" here, or end the quotes before it`,
    ]);
  });

  it.each([
    ['checks: { c: { type: command, run: "rm {label.x}" } }', '2:36-50 error check “c”'],
    ['profilers: { p: { type: command, run: "rm {label.x}" } }', '2:39-53 error profiler “p”'],
    ['logs: { l: { command: "rm {label.x}" } }', '2:23-37 error log “l”'],
  ])('leaves out the hosts whose values do not fit: %s', (entry, start) => {
    const inventory = parseInventory(hosts + entry, '/fleet/muster.yaml');
    const [found] = [
      ...inventory.checks.values(),
      ...inventory.profilers.values(),
      ...inventory.logs.values(),
    ];
    expect(found?.hosts).toEqual(['a']);
    expect(problems(hosts + entry)).toEqual([
      `${start} leaves out b: the value of {label.x} begins with “-”, so that a command may take it for an option`,
    ]);
  });

  it('may quote them where no shell reads them', () => {
    const entry = `checks: { c: { type: http, url: "http://a/'{label.x}'", body: "\\"{label.x}\\"" } }`;
    expect(problems(hosts + entry)).toEqual([]);
  });
});

describe('What is put in a command line', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-shell-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const fragments = [
    ...["'", '"', '`', '$(', '(', ')', '((', '))', '$((', '\\', ' ', 'echo ', 'x', '#', '\n', ']]', ' -eq 1'],
    ...['<<E', '<<-E', "<<'E'", '\nE\n', '[[ ', 'case x in x) ', ';; esac', 'eval ', '${a:-', '}', "$'"],
    ...['; ', '&& ', '| ', 'if true; then ', ' fi', '=', '$', '<<<', 'declare ', '\\\n', '{ '],
  ];
  const hostile = [
    ...["'; touch X; '", '$(touch X)', '`touch X`', "\\'; touch X; '", '"; touch X; "', 'a[$(touch X)]'],
    ...[') ; touch X #', '\\"; touch X; "', '))); touch X; ((', `$(touch X)'$(touch X)"$(touch X)`],
  ];

  it('never runs, whatever stands around it', async () => {
    const line = fc
      .array(fc.oneof(fc.constantFrom(...fragments), fc.constant('{label.x}')), {
        minLength: 2,
        maxLength: 12,
      })
      .map((parts) => `${parts.join('')}{label.x}`);
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(line, fc.constantFrom(...hostile), async (text, value) => {
        let command: string;
        try {
          command = resolveShellLine(text, hostWith(value));
        } catch {
          return;
        }
        ran++;
        await new Promise<void>((resolve) => {
          execFile('sh', ['-c', command], { cwd: folder, timeout: 5_000 }, () => resolve()).stdin!.end();
        });
        expect(await readdir(folder), command).not.toContain('X');
      }),
      { numRuns: 600 },
    );
    expect(ran).toBeGreaterThan(50);
  });
});
