import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseInventory } from '../../../harness/inventories';
import type { Host } from '../../../../src/platform/inventory/model';
import { misplacedPlaceholders, resolveShellLine } from '../../../../src/platform/inventory/shell/shellLine';
import { propertyRuns } from '../../../harness/propertyRuns';
import type { SectionToken } from '../../../../src/platform/inventory/sectionToken';
import { checks } from '../../../../src/features/checks/core/check';
import { inventoryLogs } from '../../../../src/features/logs/core/inventoryLog';
import { profilerEntries } from '../../../../src/features/profiles/core/capture/profilerEntry';

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
    'find . -name {label.x} 2>&1',
    'time grep -r -- {label.x} .',
    'if grep -q {label.x} a; then echo {label.x} >&2; fi',
    'kubectl get node {label.x}; systemctl status ssh {label.x}',
    'kubectl wait pod/{label.x} && docker export {label.x}',
    'sh /opt/check.sh {label.x}',
    `sh -c 'cat "$1"' sh {label.x}`,
    `sudo bash -o pipefail -c 'cat "$1" | wc' sh {label.x}`,
    `env x={label.x} sh -c 'cat "$x"'`,
    "awk -F: '{print $1}' {label.x}",
    'sed -n -e 1p -- {label.x}',
    'ssh -p {port} ops@{address} uptime',
    'python3 app.py -p {port}',
    'export PATH="$PATH:/opt/bin"; tool {label.x}; rc=$?; [ "$rc" -eq 0 ] || exit "$rc"',
    "awk '{a[$1]++} END {print a[x]}' {label.x}",
    'python3 -c "import sys" {label.x}',
    "printf '%s\\n' {label.x} | wc -l",
    'x={label.x}; [ "$x" = a ] && [[ $x == a ]]; echo "${x:-none}"',
    'p={label.x}; while read -r a; do echo "$a"; done < "$p"',
    'echo [a-z]*{label.x} {label.x}[0-9]',
    'set -e; cat {label.x}',
    'dd if={label.x} of=/dev/null bs=$((1024 * 4))',
    'cat <<E\npath \\\nE\nE\necho {label.x}',
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

  it.each([
    ...['[ -v {label.x} ]', 'test -v {label.x}', '[ {label.x} -eq 1 ]', '[ -t {label.x} ]'],
    ...[
      'printf -v {label.x} a',
      'printf %d {label.x}',
      'exit {label.x}',
      'return {label.x}',
      'shift {label.x}',
    ],
    ...['compgen -W {label.x}', 'mapfile -C {label.x}', 'wait -n -p {label.x}', 'getopts ab {label.x}'],
    ...['export {label.x}', 'print -v {label.x} a', 'set -A {label.x} a', 'emulate sh -c {label.x}'],
    ...['source <(echo {label.x})', '. <(echo {label.x})', 'trap "" {label.x}', 'eval $(true) {label.x}'],
    ...[
      "$'eval' {label.x}",
      'function f { . {label.x}; }',
      'command -- eval {label.x}',
      'command -p eval {label.x}',
      'time -p eval {label.x}',
    ],
    ...["X='a b' eval {label.x}", '2>/dev/null eval {label.x}', '>&2 eval {label.x}', 'eval 2>&1 {label.x}'],
    ...['function f { eval {label.x}; }; f', 'f() { eval {label.x}; }; f', 'coproc eval {label.x}'],
    ...['noglob eval {label.x}', 'nocorrect eval {label.x}', 'and eval {label.x}', 'not eval {label.x}'],
    ...[
      '[[ a == a ]] eval {label.x}',
      '((1)) eval {label.x}',
      'repeat 2 eval {label.x}',
      'x=(a) eval {label.x}',
    ],
  ])('is refused where a command evaluates it, in %s', (line) => {
    expect(places(line)).toEqual(['evaluation']);
  });

  it.each([
    ['echo $[{label.x}+1]', 'subscript'],
    ['a[{label.x}]=1', 'subscript'],
    ['a[ {label.x} ]=1', 'subscript'],
    ['x=([{label.x}]=1)', 'subscript'],
    ['echo *(e:{label.x}:)', 'glob'],
    ['echo {label.x}>/f', 'redirection'],
    ['echo {label.x}&>/f', 'redirection'],
    ['echo hi >&{label.x}', 'redirection'],
    ['echo hi >& {label.x}', 'redirection'],
    ['cat <&{label.x}', 'redirection'],
    ['PS4={label.x}; set -x', 'variable'],
    ['BASH_ENV={label.x} bash a.sh', 'variable'],
    ['env ENV={label.x} sh', 'variable'],
    ['COLUMNS={label.x}', 'variable'],
    ['x={label.x}; echo $((x))', 'stored'],
    ['x={label.x}; ((x > 1))', 'stored'],
    ['x={label.x}; echo $[x]', 'stored'],
    ['x={label.x}; [[ $x -eq 1 ]]', 'stored'],
    ['declare -i n; n={label.x}', 'stored'],
    ['x={label.x}; let x', 'stored'],
    ['x={label.x}; eval "echo $x"', 'stored'],
    ['x={label.x}; unset "$x"', 'stored'],
    ['x={label.x}; sh -c "cat $x"', 'stored'],
    ['x={label.x}; echo ${!x}', 'stored'],
    ['x={label.x}; echo ${a:x}', 'stored'],
    ['x={label.x}; echo ${a[x]}', 'stored'],
    ['for i in {label.x}; do echo $((i)); done', 'stored'],
    ['x={label.x}; echo ${x@P}', 'stored'],
    ['x={label.x}; echo ${PATH:0:x}', 'stored'],
    ['x={label.x}; a[x]=1', 'stored'],
    ['x={label.x}; a[$x]=1', 'stored'],
    ['x={label.x}; echo $path[x]', 'stored'],
    ['x={label.x}; COLUMNS=$x', 'stored'],
    ['for x ({label.x}) echo $((x))', 'stored'],
    [': {label.x}; test -v "$_"', 'stored'],
    ['echo {label.x} | while read -r a; do echo $((a)); done', 'stored'],
    ['y=$(echo {label.x}); echo $((y))', 'stored'],
    ["bash -c 'echo $(($1))' sh {label.x}", 'stored'],
    ['set -- {label.x}; echo $(($1))', 'stored'],
    ['f() { echo $(($1)); }; f {label.x}', 'stored'],
    ['cat <<E\npath \\\nE\n{label.x}\nE', 'hereDocument'],
  ])('is refused in %s', (line, place) => {
    expect(places(line)).toEqual([place]);
  });

  it.each([
    ...['sh', '/bin/bash', 'dash', 'zsh', 'fish', 'sudo sh', 'env -i sh', 'timeout 5 sh', 'xargs sh'].flatMap(
      (shell) => [
        `${shell} -c 'cat {label.x}'`,
        `${shell} -c 'cat '{label.x}`,
        `${shell} -c "cat {label.x}"`,
      ],
    ),
    ...[
      'sh -c {label.x}',
      'bash -ec {label.x}',
      'bash -c -e {label.x}',
      'bash -c -- {label.x}',
      'fish -C a -c {label.x}',
    ],
    ...['sh {label.x}', 'sh <<< {label.x}', 'bash <(echo {label.x})', 'find a -exec sh -c {label.x} \\;'],
    ...['ssh web-01 cat {label.x}', "ssh -p 22 web-01 'cat '{label.x}", 'ssh -o ProxyCommand={label.x} a'],
    ...[
      `awk 'BEGIN { print "'{label.x}'" }'`,
      'awk -v x={label.x} 1',
      'awk -F, {label.x}',
      'time awk {label.x}',
    ],
    ...['sed s/{label.x}/b/', 'sed -n -e {label.x} a', 'sed p a -e {label.x}', 'perl -ne {label.x}'],
    ...['python3 -c {label.x}', 'python3.11 -c {label.x}', 'ruby -e {label.x}', 'node -e {label.x}'],
    ...['env -S {label.x}', 'su -c {label.x} ops', 'watch cat {label.x}', 'flock /tmp/l -c {label.x}'],
    ...[
      'kubectl exec p -- sh -c {label.x}',
      'docker exec p sh -c {label.x}',
      'kubectl exec p -- awk {label.x}',
    ],
  ])('is refused in the program text of another interpreter: %s', (line) => {
    const [found, ...others] = misplacedPlaceholders(line);
    expect([found?.place, others]).toEqual(['program', []]);
    expect(found?.message).toContain(`sh -c '… "$1" …' sh {…}`);
    expect(found?.message).not.toContain('end the quotes');
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
  const tokens: SectionToken<{ hosts: readonly string[] }>[] = [checks, profilerEntries, inventoryLogs];
  const hosts = 'hosts: { a: { labels: { x: "; touch X" } }, b: { labels: { x: -rf } } }\n';

  it.each([
    ['checks: { c: { type: command, run: "echo \'{label.x}\'" } }', '2:43-52'],
    ['profilers: { p: { type: command, run: "echo \'{label.x}\'" } }', '2:46-55'],
    ['logs: { l: { command: "echo \'{label.x}\'" } }', '2:30-39'],
  ])('is told the place, and nothing of it runs: %s', (entry, place) => {
    const { section } = parseInventory(hosts + entry, '/fleet/muster.yaml');
    expect(tokens.map((token) => section(token).size)).toEqual([0, 0, 0]);
    expect(problems(hosts + entry)).toEqual([
      `${place} error {label.x} is in single quotes: its value is put in as a quoted word, and could become a part of the command there; write x={…} at the beginning of the command and "$x" here, or end the quotes before it`,
    ]);
  });

  it.each([
    ['checks: { c: { type: command, run: "rm {label.x}" } }', '2:36-50 error check “c”'],
    ['profilers: { p: { type: command, run: "rm {label.x}" } }', '2:39-53 error profiler “p”'],
    ['logs: { l: { command: "rm {label.x}" } }', '2:23-37 error log “l”'],
  ])('leaves out the hosts whose values do not fit: %s', (entry, start) => {
    const { section } = parseInventory(hosts + entry, '/fleet/muster.yaml');
    const [found] = tokens.flatMap((token) => [...section(token).values()]);
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
    ...['; ', '&& ', '| ', 'test -v ', 'printf -v ', '$[', 'a[', 'sh -c ', 'x=', '>&', '(e:', 'command -- '],
    ...['if true; then ', ' fi', '=', '$', '<<<', 'declare ', '\\\n', '{ '],
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
      { numRuns: propertyRuns(200) },
    );
    expect(ran).toBeGreaterThan(20);
  });
});
