import { describe, expect, it } from 'vitest';
import { MusterError } from '../../../../src/platform/errors/errors';
import { drawing } from '../../../../src/features/profiles/core/analysis/drawing';
import { hotFunctions } from '../../../../src/features/profiles/core/analysis/hotFunctions';
import { loadProfile } from '../../../../src/features/profiles/core/model/loadedProfile';
import type { Profile } from '../../../../src/features/profiles/core/model/profile';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';

const read = (content: string | Uint8Array) => readProfile(Buffer.from(content as string), 'file');
const readJson = (value: unknown) => read(JSON.stringify(value));
const failure = async (content: string) => {
  const error = await read(content).catch((thrown: unknown) => thrown);
  return MusterError.is(error, 'FORMAT') ? error : expect.fail(`no refusal, but ${String(error)}`);
};
/** `name self` of each function that has weight of its own. */
const self = (profile: Profile, valueType?: number) =>
  hotFunctions(profile, valueType)
    .functions.filter((one) => one.self !== 0)
    .map((one) => `${one.name} ${one.self}`);

describe('Folded stacks', () => {
  it.each([
    ['frames with spaces', 'main loop;a b c 3\n', ['a b c 3']],
    ['a thread', '[tid=123];f 3\n[123];g 1\n', ['f 3', 'g 1']],
    ['closures of PHP', '{main};{closure} 3\n', ['{closure} 3']],
    ['a semicolon first', ';main;f 3\n', ['f 3']],
    ['a frame without a name', 'main;;f 3\nmain; 2\n', ['f 3', '[unknown] 2']],
    ['CRLF', 'main;f 3\r\nmain;g 1\r\n', ['f 3', 'g 1']],
    ['a tab before the weight', 'main;f\t3\n', ['f 3']],
    ['a mark of UTF-8', '\ufeffmain;f 3\n', ['f 3']],
    ['fractions', 'main;f 2.5\nmain;g 1.\nmain;h 1e-1\n', ['f 2.5', 'g 1', 'h 0.1']],
    ['negative weights', 'main;f -5\nmain;g 2\n', ['f -5', 'g 2']],
    ['names that end with a number', 'GC Thread 0 15\nGC Thread 1 7\n', ['GC Thread 0 15', 'GC Thread 1 7']],
    ['two numbers on some lines', 'main;f 10 20\nmain;g 5\n', ['f 10 20', 'g 5']],
    ['an odd byte in a long name', `main;${'f'.repeat(60)}\u0001 3\n`, [`${'f'.repeat(60)}\u0001 3`]],
    ['names that are numbers (ShadowNode#219)', '3067607424;3067690168 -103.5\n', ['3067690168 -103.5']],
    ['an object of JSON as a frame', '{"k": 1};foo 3\nmain;g 1\n', ['foo 3', 'g 1']],
    ['nothing but such a frame', '{"a":"}\\""};foo 7\n', ['foo 7']],
    ['an array of JSON as a frame', '[{"name":"x"}] 5\n', ['[{"name":"x"}] 5']],
    ['UTF-16', Buffer.from('\ufeffmain;f 3\n', 'utf16le'), ['f 3']],
    ['UTF-16, the other way', Buffer.from('\ufeffmain;f 3\n', 'utf16le').swap16(), ['f 3']],
  ])('may have %s', async (_, content, functions) => {
    const profile = await read(content);
    expect(profile.format).toBe('folded');
    expect(self(profile)).toEqual(functions);
    expect(profile.notes).toEqual([]);
  });

  it('may have counts without a stack, which are left out (async-profiler#48)', async () => {
    const profile = await read('main;f 3\n 5\n7\nmain;g 1\n');
    expect(self(profile)).toEqual(['f 3', 'g 1']);
    expect(profile.notes[0]).toContain('2 lines do not end with a weight');
  });

  it('may be below a line of JSON that a log left there', async () => {
    const profile = await read('{"level":"info","msg":"started"}\nmain;f 3\nmain;g 1\n');
    expect(self(profile)).toEqual(['f 3', 'g 1']);
    expect(profile.notes).toEqual([
      '1 lines do not end with a weight and were left out, the first of them is line 1',
    ]);
  });

  it.each([
    ['over several lines', '{\n  "nodes": [\n    {\n      "id": 1\n    },\n    {\n      "id": 2'],
    ['on one line', '{"nodes": [{"id": 1}], "samples": [1, 1, 1'],
    ['between two objects', '{"nodes": []}\n{"nodes": [{"id": 1}], "endTime": 12'],
    ['in an array', '[\n  {\n    "ph": "P",\n    "ts": 12\n  },\n  {"ph" 1}\n]'],
  ])('are never seen in JSON that is broken %s', async (_, content) => {
    expect((await failure(content)).message).toMatch(/JSON|trace/);
  });
});

describe('The output of perf script', () => {
  const stack = '\t    401136 hot+0x6 (/srv/app)\n\n';
  it.each([
    [
      'command, process and thread, processor, time, period, event',
      'my app 42/43 [001] 8.000001: 250 cycles:u: \n',
    ],
    ['a flag of where the processor was', 'my app 42/43 [001] K 8.000001: 250 cycles:u: \n'],
    ['no process', 'my app 8.000001: 250 cycles:u: \n'],
    ['no period', 'my app 42 8.000001: cycles:u: \n'],
    ['no time', 'my app 42 250 cycles:u: \n'],
    ['no time, and a processor', 'my app 42 [001] cycles: \n'],
    ['no time and no period, as in Linux 3.2', 'my app 42 cycles:\n'],
    ['no event', 'my app 42 8.000001: \n'],
  ])('has the command and its frames with %s', async (_, head) => {
    const profile = await read(head + stack + head + stack);
    expect(profile.format).toBe('perf script');
    expect(profile.frames.map(({ name }) => name)).toEqual(['hot', 'my app']);
    expect(self(profile)).toEqual(['hot 2']);
    expect(profile.notes).toEqual([]);
  });

  it('may have spaces and numbers in commands (FlameGraph#57) and in objects (FlameGraph#262)', async () => {
    const { frames } = await read(
      'CUPS Manager 2 cup 11320 186448.846888:    1008373 cycles: \n\t 9c51fd34 java.lang.String.hashCode ([JIT app cache])\n',
    );
    expect(frames).toEqual([
      { name: 'java.lang.String.hashCode', file: '[JIT app cache]' },
      { name: 'CUPS Manager 2 cup' },
    ]);
  });

  it('is not given to speedscope as it is where speedscope does not read it', async () => {
    const wish = { width: 100, foldedName: '…', inTime: true };
    const drawn = async (content: string) => drawing(await loadProfile(Buffer.from(content), 'file'), wish);
    expect(await drawn(`app 42 8.000001: 250 cycles: \n${stack}`)).toMatchObject({ isInTime: true });
    expect(await drawn(`app 42 250 cycles: \n${stack}`)).toMatchObject({ isInTime: false, hadTime: false });
  });

  it('has no command where none is printed', async () => {
    expect((await read(`42 8.000001: 250 cycles: \n${stack}`)).frames.map(({ name }) => name)).toEqual([
      'hot',
    ]);
  });

  it('tells tracepoints by their whole names, and their values from frames', async () => {
    const profile = await read(
      'app 42 [000] 8.000001: sched:sched_switch: deadbeef prev (R)\napp 42 [000] 8.000002: 3 syscalls:sys_enter_brk: brk: 0x0\n',
    );
    expect(self(profile)).toEqual(['app 2']);
    expect(profile.valueTypes.map(({ name }) => name)).toEqual(['samples', 'syscalls:sys_enter_brk']);
  });

  it('keeps the line of the source where perf knows it, and of what is inlined', async () => {
    const { frames, notes } = await read(
      `app 42 8.000001: 1 cycles: \n\t 401130 small (inlined)\n  /src/a file.c:7 (discriminator 2)\n${'\t 401136 hot+0x6 (/srv/app)\n  app[401136]\n\t 401200 main+0x1 (/srv/app)\n  ??:0\n\n'}`,
    );
    expect(frames.slice(0, 3)).toEqual([
      { name: 'small', file: '/src/a file.c', line: 7 },
      { name: 'hot', file: '/srv/app' },
      { name: 'main', file: '/srv/app' },
    ]);
    expect(notes).toEqual([]);
  });

  it('may have a long header, events that are no samples, and a line that perf did not write', async () => {
    const header = Array.from({ length: 500 }, (_, index) => `# sibling sockets : ${index}\n`).join('');
    const profile = await read(
      `${header}app 42 8.000000: PERF_RECORD_COMM: app:42/42\n[ perf record: Woken up ]\napp 42 8.000001: 5 cycles: \n${stack}`,
    );
    expect(self(profile, 1)).toEqual(['hot 5']);
    expect(profile.notes).toEqual([
      expect.stringContaining('1 lines are neither the head of a sample nor a frame'),
    ]);
  });
});

const call = (functionName: string) => ({ functionName, url: 'file:///srv/app.js', lineNumber: 1 });
const nodes = [
  { id: 1, callFrame: { functionName: '(root)' } },
  { id: 2, callFrame: call('f'), parent: 1 },
  { id: 3, callFrame: call('g'), parent: 1 },
];

describe('A .cpuprofile', () => {
  it.each([
    [
      'white space and a mark of UTF-8 first',
      '\ufeff \n\t',
      { samples: [2, 3], timeDeltas: [0, 5] },
      ['f 5'],
    ],
    [
      'samples out of order: those of one moment stay as they were',
      '',
      { samples: [2, 3, 2, 3], timeDeltas: [0, 10, 0, -5], startTime: 0, endTime: 12 },
      // f at 0, g at 5, g at 10, f at 10.
      ['g 5', 'f 7'].reverse(),
    ],
    [
      'a huge time before the first sample',
      '',
      { samples: [2, 3], timeDeltas: [1e15, 5], endTime: 1e15 },
      ['f 5'],
    ],
    [
      'no start, so that the end says nothing',
      '',
      { samples: [2, 3], timeDeltas: [0, 5], endTime: 1e15 },
      ['f 5'],
    ],
  ])('may have %s', async (_, before, more, functions) => {
    const profile = await read(before + JSON.stringify({ nodes, ...more }));
    expect(self(profile)).toEqual(functions);
    expect(profile.notes).toEqual([]);
  });

  it.each([
    [
      'times for some samples only',
      { samples: [2, 3, 3, 3], timeDeltas: [0, 5], startTime: 0, endTime: 1000 },
      ['f 5'],
      '3 samples have no time: they count as samples, but not in the time',
    ],
    [
      'a time that is no number',
      { samples: [2, 3, 2], timeDeltas: [0, null, 5], startTime: 0, endTime: 5 },
      ['g 5'],
      '1 samples have no time: they count as samples, but not in the time',
    ],
    [
      'samples of unknown nodes',
      { samples: [2, 9, 'x', 3], timeDeltas: [0, 1, 2, 4], startTime: 0, endTime: 15 },
      ['g 8', 'f 1'],
      '2 samples are of nodes that are not in the file and were left out',
    ],
    [
      'damaged nodes',
      { nodes: [...nodes, { id: 4 }, 'x'], samples: [2, 3], timeDeltas: [0, 1] },
      ['f 1'],
      '2 nodes of the call tree are damaged or missing and were left out',
    ],
    [
      'a missing parent',
      { nodes: [...nodes, { id: 4, callFrame: call('h'), parent: 8 }], samples: [4, 3], timeDeltas: [0, 1] },
      ['h 1'],
      '1 nodes of the call tree are damaged or missing and were left out',
    ],
  ])('with %s keeps the rest and says so', async (_, more, functions, note) => {
    const profile = await readJson({ nodes, ...more });
    expect(self(profile)).toEqual(functions);
    expect(profile.notes).toEqual([note]);
    expect(profile.isOwnDialect).toBe(true);
  });

  it('has the time between samples, and until the end (vscode-js-debug#1272)', async () => {
    const profile = await readJson({
      nodes: [{ id: 0, callFrame: call('f') }],
      ...{ samples: [0, 0, 0], timeDeltas: [200_000, 400_000, 500_000] },
      ...{ startTime: 1652739599999000, endTime: 1652739601099000 },
    });
    expect(self(profile)).toEqual(['f 900000']);
  });

  it('without times has samples only, and no time of nothing', async () => {
    const profile = await readJson({ nodes, samples: [2, 2, 3] });
    expect(profile.valueTypes).toEqual([{ name: 'samples', unit: 'count' }]);
    expect(self(profile)).toEqual(['f 2', 'g 1']);
    const counted = await readJson({ nodes: nodes.map((node) => ({ ...node, hitCount: node.id })) });
    expect(self(counted)).toEqual(['g 3', 'f 2']);
  });

  it('is told from a heap snapshot', async () => {
    expect((await failure('{"snapshot":{"meta":{}},"nodes":[1,2]}')).message).toBe(
      'file: this is a heap snapshot',
    );
  });

  it('names what is missing in words, not in those of a schema', async () => {
    expect((await failure('{"nodes":{}}')).message).toBe(
      'file: this looks like a .cpuprofile, but “nodes” is missing or not what it should be',
    );
  });
});

describe('A Chrome trace', () => {
  const start = (id: string, pid = 1) => ({
    name: 'Profile',
    pid,
    id,
    ts: 1,
    args: { data: { startTime: 0 } },
  });
  const chunk = (id: string, ts: number, samples: number[], timeDeltas: number[], more: object = {}) => ({
    ...{ name: 'ProfileChunk', pid: 1, tid: ts, id, ts },
    args: { data: { cpuProfile: { samples, ...more }, timeDeltas } },
  });

  it('may have chunks that are not in order', async () => {
    const profile = await readJson({
      traceEvents: [
        chunk('0x1', 30, [3], [7]),
        chunk('0x1', 20, [2, 2], [4, 2], { nodes }),
        { ...start('0x1'), ts: 10 },
      ],
    });
    expect(self(profile)).toEqual(['f 9']);
    expect(self(profile, 1)).toEqual(['f 2', 'g 1']);
  });

  it('has the time until the end, if the last chunk tells it', async () => {
    const end = { name: 'ProfileChunk', pid: 1, id: '0x1', ts: 90, args: { data: { endTime: 20 } } };
    expect(self(await readJson([start('0x1'), chunk('0x1', 20, [2, 3], [4, 2], { nodes }), end]))).toEqual([
      'g 14',
      'f 2',
    ]);
  });

  it('has each profile below its process, but none of those without samples', async () => {
    const one = chunk('0x1', 20, [2, 3], [1, 2], { nodes });
    const events = [start('0x1'), one, start('0x2', 7), { ...one, pid: 7, id: '0x2' }];
    const profile = await readJson(events);
    expect(profile.frames.map(({ name }) => name).filter((name) => /process/.test(name))).toEqual([
      'process 1, profile 0x1',
      'process 7, profile 0x2',
    ]);
    expect(self(profile)).toEqual(['f 4']);
    const alone = await readJson([start('0x1'), one, start('0x2', 7), { ...start('0x3'), args: {} }]);
    expect(alone.frames.map(({ name }) => name)).toEqual(['f', 'g'].reverse());
    expect(alone.notes).toEqual([]);
  });

  it('may have whole profiles, as Chrome wrote them up to 68', async () => {
    const whole = (tid: number) => ({
      ...{ name: 'CpuProfile', pid: 1, tid },
      args: {
        data: { cpuProfile: { nodes, samples: [2, 3], timeDeltas: [1, 2], startTime: 0, endTime: 6 } },
      },
    });
    expect(self(await readJson([whole(1)]))).toEqual(['g 3', 'f 2']);
    expect(self(await readJson([whole(1), whole(2)]))).toEqual(['g 6', 'f 4']);
  });

  it('may lack the event that begins a profile', async () => {
    expect(self(await readJson([chunk('0x1', 20, [2, 3], [4, 2], { nodes })]))).toEqual(['f 2']);
  });

  it('keeps what is sound where an event is damaged', async () => {
    const events = [
      ...[start('0x1'), chunk('0x1', 20, [2, 3], [4, 2], { nodes }), 'x'],
      { ...chunk('0x1', 30, [], []), args: { data: { timeDeltas: 'x' } } },
      chunk('0x1', 40, [3, 3], [5]),
    ];
    const profile = await readJson(events);
    expect(self(profile)).toEqual(['g 5', 'f 2']);
    expect(profile.notes).toEqual([
      '2 events of the trace are damaged and were left out',
      '1 samples have no time: they count as samples, but not in the time',
    ]);
  });

  it.each([
    ['within an event', ',{"name":"Profi'],
    ['within a string with brackets', ',{"name":"]}]'],
    ['behind a comma', ','],
    ['behind an event', ''],
  ])('that breaks off %s is read up to there', async (_, end) => {
    const events = JSON.stringify([start('0x1'), chunk('0x1', 20, [2, 3], [4, 2], { nodes })]).slice(0, -1);
    for (const content of [events + end, `{"metadata":{},"traceEvents":${events}${end}`]) {
      const profile = await read(content);
      expect(self(profile)).toEqual(['f 2']);
      expect(profile.notes).toEqual(['the file breaks off: only what is before was read']);
    }
  });
});

describe('A .heapprofile', () => {
  it('keeps what is sound where a node is damaged', async () => {
    const profile = await readJson({
      head: {
        ...{ callFrame: call('(root)'), selfSize: 0 },
        children: [{ callFrame: call('grow'), selfSize: 64 }, { callFrame: call('bad') }],
      },
    });
    expect(self(profile)).toEqual(['grow 64']);
    expect(profile.notes).toEqual([
      '1 nodes of the call tree are damaged and were left out with what they call',
    ]);
  });
});

describe('A file of speedscope', () => {
  const shared = { frames: [{ name: 'a' }, { name: 'b' }] };
  const evented = (events: object[]) => ({ type: 'evented', name: 'x', unit: 'none', events });
  const sampled = (samples: unknown[], name = 'y') => {
    return { type: 'sampled', name, unit: 'none', samples, weights: samples.map(() => 2) };
  };

  it('shows frames that are not in it, or damaged, as unknown', async () => {
    const frames = [{ name: 'a' }, { name: 7 }];
    const profile = await readJson({ shared: { frames }, profiles: [sampled([[0], [0, 1], [0, 5]])] });
    expect(self(profile)).toEqual(['[unknown] 4', 'a 2']);
    expect(profile.notes).toEqual([
      '2 frames of stacks are not in the file, or damaged: they are named “[unknown]”',
    ]);
    const events = [
      { type: 'O', frame: 9, at: 0 },
      { type: 'C', frame: 9, at: 3 },
    ];
    expect(self(await readJson({ shared, profiles: [evented(events)] }))).toEqual(['[unknown] 3']);
  });

  it('is read up to where its events make no sense, and with what is beside them', async () => {
    const events = [
      { type: 'O', frame: 0, at: 0 },
      { type: 'C', frame: 0, at: 3 },
      { type: 'C', frame: 1, at: 4 },
    ];
    const profile = await readJson({ shared, profiles: [evented(events), sampled([[1]])] });
    expect(self(profile)).toEqual(['a 3', 'b 2']);
    expect(profile.notes).toEqual([
      '“x” is only read up to where it makes no sense: event 2 of “x” closes a frame that is not open',
    ]);
  });

  it('may have profiles that are damaged, but not alone', async () => {
    const profile = await readJson({ shared, profiles: [{ type: 'other' }, sampled([[1]])] });
    expect(self(profile)).toEqual(['b 2']);
    expect(profile.notes).toEqual(['1 profiles of the file are damaged and were left out']);
    const error = await failure(JSON.stringify({ shared, profiles: [{ type: 'other' }] }));
    expect(error.message).toBe('file: 1 profiles of the file are damaged and were left out');
  });

  it('is drawn first as the type of values that Muster said, whatever is left out', async () => {
    const profiles = [{ type: 'other' }, sampled([[0]], 'cpu'), sampled([[1]], 'samples')];
    const profile = await readJson({ exporter: 'muster', shared, profiles, activeProfileIndex: 2 });
    expect(profile.valueTypes[profile.defaultValueType]!.name).toBe('samples');
  });
});

describe('What is known and not read', () => {
  it.each([
    ['{"meta":{},"threads":[]}', 'this is a profile of Firefox'],
    ['{"version":1.2,"mode":"cpu","samples":3,"frames":{}}', 'this is a profile of stackprof'],
    ['{"code":[],"functions":[],"ticks":[]}', 'this is a log of V8'],
    ['goroutine profile: total 7\n', 'this is a profile of Go as text'],
    ['--- mutex:\ncycles/second=1\n', 'this is a profile of Go as text'],
    ['goroutine 1 [running]:\nmain.main()\n', 'this is a profile of Go as text'],
    ['version: 1\ncreator: callgrind-3\nevents: Ir\n\nfn=main\n1 20\n', 'this is a profile of callgrind'],
    ['<!DOCTYPE html>\n<html>', 'this is an HTML page'],
    ['\n  \n', 'the file is empty'],
    ['404 page not found\n', 'the file is of no known format'],
  ])('is named: %j', async (content, message) => {
    const error = await failure(content);
    expect(error.message).toBe(`file: ${message}`);
    expect(error.hint).toBeDefined();
  });
});
