import { describe, expect, it } from 'vitest';
import { profilerEntries } from '../../../../src/features/profiles/core/capture/profilerEntry';
import { sections } from '../../../../src/engine/sections';
import { parseInventory } from '../../../harness/inventories';
import { completionsAt, hoverAt } from '../../../../src/platform/inventory/schema/schemaLookup';

const parse = (text: string) => parseInventory(text, '/fleet/muster.yaml');
const problems = (text: string) =>
  parse(text).problems.map(({ message, range }) => `${range.line}:${range.column}: ${message}`);
const hosts = 'hosts: { web-01: { labels: { role: web, port: 6060 } }, db-01: { labels: { role: db } } }\n';

describe('The section profilers', () => {
  it('has profilers by name, with the hosts that they are for and what they leave out', () => {
    const text = `${hosts}profilers:
  api: { type: go, on: role=web, url: "http://127.0.0.1:{label.port}", auth: { username: me }, kind: heap }
  worker: { type: py-spy, on: [db-01], process: "gunicorn: worker", rate: 50, duration: 30s }
  host: { type: perf }
  custom: { type: command, run: "cat /tmp/last.folded" }
`;
    const profilers = parse(text).section(profilerEntries);
    expect(problems(text)).toEqual([]);
    expect(profilers.get('api')).toMatchObject({
      ...{ name: 'api', type: 'go', hosts: ['web-01'], kind: 'heap', directory: '/fleet' },
      settings: { url: 'http://127.0.0.1:{label.port}', auth: { username: 'me' } },
      source: { file: '/fleet/muster.yaml', line: 3, column: 3 },
    });
    expect(profilers.get('api')).not.toHaveProperty('durationMs');
    expect(profilers.get('worker')).toMatchObject({ hosts: ['db-01'], rate: 50, durationMs: 30_000 });
    expect(profilers.get('worker')!.settings).toMatchObject({
      sudo: false,
      path: 'py-spy',
      subprocesses: false,
    });
    expect(profilers.get('host')).toMatchObject({
      hosts: ['web-01', 'db-01'],
      settings: { callGraph: 'fp' },
    });
  });

  it.each([
    ['api: {}', /2:14: a profiler needs a type: go, node, py-spy, perf, jvm, command/],
    ['api: { type: goo, url: "http://x" }', /2:27: unknown type “goo”/],
    ['api: { type: go }', /2:14: missing key “url”/],
    ['api: { type: go, url: "ftp://x" }', /2:36: .*http:\/\/ or https:\/\//],
    ['api: { type: go, url: "http://me:secret@x" }', /2:36: a URL holds no user/],
    [
      'api: { type: go, url: "http://x", auth: { username: a, password: b } }',
      /2:69: a password is never written here/,
    ],
    ['api: { type: go, url: "http://x", kind: trace }', /2:54: expected one of cpu, heap/],
    ['api: { type: go, url: "http://x", rate: 100 }', /2:48: unknown key “rate”/],
    ['api: { type: go, url: "http://{adress}" }', /unknown placeholder {adress}/],
    [
      'api: { type: go, url: "http://{label.port}" }',
      /profiler “api” needs {label.port}, which db-01 has not/,
    ],
    ['api: { type: py-spy, process: "(" }', /2:44: no RE2 regular expression/],
    ['api: { type: perf, rate: 100000 }', /2:39: at most 10000 samples a second/],
    ['api: { type: perf, duration: 2h }', /2:43: a duration here is more than 0 and at most 1h/],
    ['api: { type: perf, on: role=weeb }', /role=weeb/],
    ['api: { type: command }', /missing key “run”/],
    ['"bad name": { type: perf }', /2:14: /],
  ])('with %s says what is wrong and where, and loses nothing else', (entry, message) => {
    const text = `${hosts}profilers: { ${entry}, sound: { type: perf } }\n`;
    expect(problems(text).join('\n')).toMatch(message);
    expect([...parse(text).section(profilerEntries).keys()]).toContain('sound');
  });

  it('tells a profiler that is there twice', () => {
    const text = `${hosts}profilers:\n  a: { type: perf }\n  a: { type: jvm }\n`;
    expect(problems(text).join('\n')).toMatch(/4:3: duplicate profiler “a”/);
  });

  it('is completed and explained by its type', () => {
    const context = { sections, inventory: parse(hosts) };
    const complete = (text: string) => {
      const offset = text.indexOf('|');
      return completionsAt(text.replace('|', ''), offset, context).items.map(({ label }) => label);
    };
    expect(complete('profilers:\n  api: { type: | }\n')).toEqual([
      'go',
      'node',
      'py-spy',
      'perf',
      'jvm',
      'command',
    ]);
    expect(complete('profilers:\n  api: { type: perf, | }\n')).toEqual([
      ...['on', 'kind', 'duration', 'rate', 'process', 'sudo', 'become', 'path', 'callGraph'],
    ]);
    expect(complete('profilers:\n  api: { type: go, kind: | }\n')).toEqual([
      ...['cpu', 'heap', 'allocs', 'goroutine', 'mutex', 'block'],
    ]);
    expect(complete('profilers:\n  api: { type: go, on: role=| }\n')).toContain('role=web');
    const text = 'profilers:\n  api: { type: go, url: "http://x" }\n';
    expect(hoverAt(text, text.indexOf('url') + 1, context)?.text).toMatch(/net\/http\/pprof/);
  });
});
