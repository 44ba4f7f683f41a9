import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import {
  Function as PprofFunction,
  Line,
  Location,
  Profile as Encoded,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import { describe, expect, it } from 'vitest';
import { MusterError } from '../../../../src/platform/errors/errors';
import { hotFunctions } from '../../../../src/features/profiles/core/analysis/hotFunctions';
import type { Profile } from '../../../../src/features/profiles/core/model/profile';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import { propertyRuns } from '../../../harness/propertyRuns';

const read = (content: string | Uint8Array) => readProfile(Buffer.from(content as string), 'file');
const readJson = (value: unknown) => read(JSON.stringify(value));
const failure = async (content: string | Uint8Array) => {
  const error = await read(content).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return MusterError.is(error) ? error : expect.fail(`no MusterError, but ${String(error)}`);
};
/** `name: self/total` of each function. */
const top = (profile: Profile, valueType?: number) =>
  hotFunctions(profile, valueType).functions.map(({ name, self, total }) => `${name}: ${self}/${total}`);

function pprof(): Buffer {
  const strings = new StringTable();
  const text = (value: string) => strings.dedup(value);
  const named = ['main', 'work', 'inlined', 'leaf'].map(
    (name, index) => new PprofFunction({ id: index + 1, name: text(name), filename: text('app.go') }),
  );
  const line = (functionId: number, number: number) => new Line({ functionId, line: number });
  const location = [
    new Location({ id: 1, line: [line(1, 10)] }),
    // The innermost of what is inlined comes first.
    new Location({ id: 2, line: [line(3, 31), line(2, 20)] }),
    new Location({ id: 3, line: [line(4, 40)] }),
    new Location({ id: 4, address: 0xbeef }),
  ];
  const encoded = new Encoded({
    ...{ stringTable: strings, function: named, location },
    sampleType: [
      new ValueType({ type: text('samples'), unit: text('count') }),
      new ValueType({ type: text('cpu'), unit: text('nanoseconds') }),
    ],
    sample: [
      new Sample({ locationId: [3, 2, 1], value: [1, 10] }),
      new Sample({ locationId: [2, 1], value: [2, 20] }),
      new Sample({ locationId: [3, 2, 1], value: [1, 10] }),
      new Sample({ locationId: [4], value: [1, 5] }),
      new Sample({ locationId: [], value: [1, 5] }),
    ],
  });
  return Buffer.from(encoded.encode());
}

/** `time_nanos`, and a field that nobody knows. */
const begin = Buffer.concat([
  Buffer.from('48c1cfa19daf8feaf518', 'hex'),
  Buffer.from('7a8827', 'hex'),
  Buffer.alloc(5000, 'x'),
]);

describe('A profile of pprof', () => {
  it.each([
    ['as it is', pprof()],
    ['compressed', gzipSync(pprof())],
    ['as Go writes that of a CPU, the time first and no zero for long', Buffer.concat([begin, pprof()])],
  ])('has every type of values, and inlined frames of their own, %s', async (_, bytes) => {
    const profile = await read(bytes);
    expect(profile.format).toBe('pprof');
    expect(profile.valueTypes).toEqual([
      { name: 'samples', unit: 'count' },
      { name: 'cpu', unit: 'nanoseconds' },
    ]);
    expect(profile.defaultValueType).toBe(1);
    expect(top(profile)).toEqual([
      'inlined: 20/40',
      'leaf: 20/20',
      '0xbeef: 5/5',
      'main: 0/40',
      'work: 0/40',
    ]);
    expect(top(profile, 0)[0]).toBe('inlined: 2/4');
    expect(hotFunctions(profile).total).toBe(50);
    expect(profile.tree.frame).toHaveLength(6);
  });

  it('is refused when it is cut off', async () => {
    expect(await failure(gzipSync(pprof()).subarray(0, 60))).toMatchObject({
      code: 'FORMAT',
      message: expect.stringMatching(/^file: .*only a part/),
    });
  });
});

describe('Folded stacks', () => {
  it('are merged, with places as py-spy writes them', async () => {
    const profile = await read(
      'main (app.py:3);work (lib/w.py:7) 3\r\n\n# note\nmain (app.py:3);work (lib/w.py:7) 2\nmain;a b;c 1',
    );
    expect(profile.format).toBe('folded');
    expect(top(profile)).toEqual(['work: 5/5', 'c: 1/1', 'main: 0/5', 'main: 0/1', 'a b: 0/1']);
    expect(profile.frames[1]).toEqual({ name: 'work', file: 'lib/w.py', line: 7 });
  });

  it('count what calls itself once', async () => {
    expect(top(await read('f;g;f;f 2\nf 1'))).toEqual(['f: 3/3', 'g: 0/2']);
  });

  it('are refused where most lines are none', async () => {
    expect((await failure('a;b 1\na;b\nc\n')).message).toBe(
      'file: 2 of 3 lines do not end with a weight, the first of them is line 2',
    );
  });
});

describe('The output of perf script', () => {
  it('has the command, the frames and the periods', async () => {
    const profile = await read(`# header
node 12/13 [001]   100.000001:     250000 cycles:u:
\t    7f01 inner+0x1f (/usr/lib/libx.so)
\t    7f02 outer::call(int, char)+0x2 (/usr/bin/node)

node 12/13 [001]   100.000002:     750000 cycles:u:
\t    7f03 [unknown] (/usr/lib/libx.so)
\t    7f02 outer::call(int, char)+0x9 (/usr/bin/node)
`);
    expect(top(profile)).toEqual([
      'inner: 1/1',
      '[libx.so]: 1/1',
      'outer::call(int, char): 0/2',
      'node: 0/2',
    ]);
    expect(top(profile, 1)[0]).toBe('[libx.so]: 750000/750000');
    expect(profile.valueTypes[1]).toEqual({ name: 'cycles', unit: 'count' });
  });

  it('tells brackets of symbols from objects', async () => {
    const profile = await read(`app 12 100.000001: 1 cycles:
\t    7f01 void (anonymous namespace)::helper<int>(int&)+0x1f (/usr/lib/libx.so (deleted))
\t    7f02 std::function<void (int)>::operator()(int) const+0x2 (/usr/bin/app)
`);
    expect(profile.frames.slice(0, 2).map(({ name, file }) => [name, file])).toEqual([
      ['void (anonymous namespace)::helper<int>(int&)', '/usr/lib/libx.so (deleted)'],
      ['std::function<void (int)>::operator()(int) const', '/usr/bin/app'],
    ]);
  });
});

const call = (functionName: string, lineNumber = 0) => ({
  functionName,
  url: 'file:///srv/app.js',
  lineNumber,
});
const cpuProfile = {
  nodes: [
    { id: 1, callFrame: { functionName: '(root)', url: '', lineNumber: -1 }, children: [2] },
    { id: 2, callFrame: call('main', 4), children: [3] },
    { id: 3, callFrame: call('', 9) },
  ],
  ...{ startTime: 1000, endTime: 1100, samples: [2, 3, 3], timeDeltas: [10, 20, 30] },
};

describe('Profiles of V8', () => {
  it('of the processor give each sample the time until the next one', async () => {
    const profile = await readJson(cpuProfile);
    expect(profile.format).toBe('cpuprofile');
    expect(top(profile)).toEqual(['(anonymous): 70/70', 'main: 20/90']);
    expect(profile.frames[0]).toEqual({ name: 'main', file: '/srv/app.js', line: 5 });
  });

  it('of memory have the tree of allocations, however deep', async () => {
    const levels = 50_000;
    const open = '{"callFrame":{"functionName":"f","url":"","lineNumber":1},"selfSize":1,"children":[';
    const profile = await read(`{"head":${open.repeat(levels)}${']}'.repeat(levels)}}`).catch(
      (error: unknown) => error,
    );
    // V8 reads JSON as deep as its stack allows, which is its own to say.
    if (MusterError.is(profile)) expect(profile.code).toBe('FORMAT');
    else expect(top(profile as Profile)).toEqual([`f: ${levels}/${levels}`]);
    const flat = await readJson({
      head: {
        callFrame: call('(root)'),
        selfSize: 0,
        children: [{ callFrame: call('grow'), selfSize: 64, children: [] }],
      },
    });
    expect(top(flat)).toEqual(['grow: 64/64']);
    expect(flat.valueTypes).toEqual([{ name: 'inuse_space', unit: 'bytes' }]);
  });

  it('are read from Chrome traces', async () => {
    const [root, main, leaf] = cpuProfile.nodes;
    const nodes = [root!, { ...main!, parent: 1 }, { ...leaf!, parent: 2 }].map(
      ({ children: _, ...node }) => node,
    );
    const chunk = (samples: number[], timeDeltas: number[], more: object = {}) => ({
      ...{ name: 'ProfileChunk', ph: 'P', pid: 7, id: '0x1' },
      args: { data: { cpuProfile: { samples, ...more }, timeDeltas } },
    });
    const profile = await readJson([
      { name: 'Profile', ph: 'P', pid: 7, id: '0x1', args: { data: { startTime: 1000 } } },
      chunk([2], [10], { nodes }),
      chunk([3, 2], [20, 30]),
    ]);
    expect(profile.format).toBe('chrome trace');
    expect(top(profile)).toEqual(['(anonymous): 30/30', 'main: 20/50']);
    expect((await failure('{"traceEvents":[]}')).hint).toContain('disabled-by-default-v8.cpu_profiler');
  });

  it.each([
    [
      'a cycle',
      {
        nodes: [
          { id: 1, callFrame: call('a'), children: [2] },
          { id: 2, callFrame: call('b'), children: [1] },
        ],
      },
      '2 nodes of the call tree are damaged or missing',
    ],
    [
      'a child that is not there',
      { nodes: [{ id: 1, callFrame: call('a'), children: [9] }] },
      '1 nodes of the call tree are damaged or missing',
    ],
    ['samples of no node alone', { ...cpuProfile, samples: [9] }, '1 samples are of nodes that are not in'],
    ['nodes of another shape alone', { nodes: [{ id: 'x' }] }, '1 nodes of the call tree are damaged'],
  ])('are refused with %s', async (_, value, message) => {
    const error = await failure(JSON.stringify(value));
    expect(error.code).toBe('FORMAT');
    expect(error.message).toContain(message);
  });
});

describe('A file of speedscope', () => {
  const shared = { frames: [{ name: 'a', file: 'a.ts', line: 1 }, { name: 'b' }] };

  it('is read with events, and with samples', async () => {
    const evented = {
      ...{ type: 'evented', name: 'one', unit: 'milliseconds', startValue: 0, endValue: 10 },
      events: [
        { type: 'O', frame: 0, at: 0 },
        { type: 'O', frame: 1, at: 2 },
        { type: 'C', frame: 1, at: 6 },
        { type: 'C', frame: 0, at: 10 },
      ],
    };
    expect(top(await readJson({ shared, profiles: [evented] }))).toEqual(['a: 6/10', 'b: 4/4']);
    const sampled = {
      type: 'sampled',
      name: 'two',
      unit: 'milliseconds',
      samples: [[0, 1], [0]],
      weights: [3, 1],
    };
    expect(top(await readJson({ shared, profiles: [evented, sampled] }))).toEqual([
      ...['a: 7/14', 'b: 7/7', 'one: 0/10', 'two: 0/4'],
    ]);
  });

  it('may have weights that make no sense, which are left out and told', async () => {
    const sampled = {
      type: 'sampled',
      name: '',
      unit: 'none',
      samples: [[0], [1], [1]],
      weights: [null, -1, 2],
    };
    const profile = await readJson({ shared, profiles: [sampled] });
    expect(top(profile)).toEqual(['b: 1/1']);
    expect(profile.notes).toEqual(['1 weights are not numbers and were left out']);
  });

  it.each([
    [[{ type: 'C', frame: 0, at: 1 }], 'event 0 of “x” closes a frame that is not open'],
    [
      [
        { type: 'O', frame: 0, at: 2 },
        { type: 'C', frame: 0, at: 1 },
      ],
      'event 1 of “x” is before the one before it',
    ],
    [[{ type: 'X', frame: 0, at: 2 }], 'event 0 of “x” neither opens nor closes a frame'],
  ])('is refused with senseless events: %j', async (events, message) => {
    const error = await failure(
      JSON.stringify({ shared, profiles: [{ type: 'evented', name: 'x', unit: 'none', events }] }),
    );
    expect(error.message).toContain(message);
  });
});

describe('What is no profile', () => {
  it.each([
    ['', 'is empty'],
    ['hello\n', 'of no known format'],
    ['{"a":1}', 'the JSON is of no known format'],
    ['{"nodes":[', 'begins as JSON, but is damaged'],
    ['PERFILE2xxxx', 'raw data of perf'],
    ['go 1.22 trace\0', 'execution trace of Go'],
    ['FLR\0\0\x02', 'recording of the JVM'],
  ])('is refused: %j', async (content, message) => {
    const error = await failure(content);
    expect(error.code).toBe('FORMAT');
    expect(error.message).toContain(message);
  });

  it('is never taken for one, nor breaks the reader', async () => {
    const sound = [
      pprof(),
      gzipSync(pprof()),
      Buffer.from(JSON.stringify(cpuProfile)),
      Buffer.from('a;b 1\nc 2\n'),
    ];
    const broken = fc
      .tuple(
        fc.constantFrom(...sound),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
        fc.nat(),
      )
      .map(([bytes, changes, length]) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return copy.subarray(0, 1 + (length % copy.length));
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(broken, fc.uint8Array({ maxLength: 300 })), async (bytes) => {
        const result = await read(bytes).catch((error: unknown) => error);
        if (MusterError.is(result)) return ['FORMAT', 'TOO_LARGE'].includes(result.code);
        const { tree } = result as Profile;
        return (
          tree.parent.every((parent, node) => parent < node) &&
          tree.self.every((self) => self.every(Number.isFinite))
        );
      }),
      { numRuns: propertyRuns(2000) },
    );
  });

  it('may be deeper than any stack of calls, and have very many frames', async () => {
    const deep = await read(`${Array.from({ length: 150_000 }, () => 'f').join(';')} 1\n`);
    expect(top(deep)).toEqual(['f: 1/1']);
    expect(deep.notes).toEqual(['1 stacks are deeper than 100000 frames and were cut there']);
    const wide = await read(Array.from({ length: 100_000 }, (_, index) => `m;f${index} 1`).join('\n'));
    expect(wide.frames).toHaveLength(100_001);
    expect(hotFunctions(wide).total).toBe(100_000);
  });
});
