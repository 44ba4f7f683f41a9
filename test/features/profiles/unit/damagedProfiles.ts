import { Session } from 'node:inspector/promises';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect } from 'vitest';
import { MusterError } from '../../../../src/platform/errors/errors';
import { criticalPath } from '../../../../src/features/profiles/core/analysis/criticalPath';
import { drawing } from '../../../../src/features/profiles/core/analysis/drawing';
import { hotFunctions } from '../../../../src/features/profiles/core/analysis/hotFunctions';
import type { Profile } from '../../../../src/features/profiles/core/model/profile';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import { toFolded } from '../../../../src/features/profiles/core/formats/toFolded';
import { toPprof } from '../../../../src/features/profiles/core/formats/toPprof';
import { toSpeedscope } from '../../../../src/features/profiles/core/formats/toSpeedscope';
import { peakMemory } from '../../../harness/peakMemory';

const perfScript = `node 4242 [001] 12.500000:     250000 cycles:u:
\t    55d0c0de1234 serve+0x10 (/usr/bin/node)
\t    55d0c0de5678 main+0x20 (/usr/bin/node)

node 4242 [001] 12.600000:     250000 cycles:u:
\t    7f00c0de1234 [unknown] ([vdso])
\t    55d0c0de5678 main+0x20 (/usr/bin/node)

`;
const svg = `<?xml version="1.0" standalone="no"?>
<svg version="1.1" width="1200" height="96" xmlns="http://www.w3.org/2000/svg"><g id="frames">
<g><title>all (100 samples, 100%)</title><rect x="10" y="60" width="1180.0" height="15.0" /><text x="13" y="70">all</text></g>
<g><title>main (100 samples, 100.00%)</title><rect x="10" y="44" width="1180.0" height="15.0" /><text x="13" y="54">main</text></g>
<g><title>query &amp; co (60 samples, 60.00%)</title><rect x="10" y="28" width="708.0" height="15.0" /><text x="13" y="38">query</text></g>
</g></svg>
`;

/** What this process does for a moment, as V8 records it. */
async function recorded(): Promise<{ cpu: object; heap: object }> {
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.enable');
    await session.post('HeapProfiler.startSampling', { samplingInterval: 4096 });
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 1000 });
    await session.post('Profiler.start');
    const kept = Array.from({ length: 20_000 }, (_, index) => ({ text: `${index}`.padStart(20) }));
    JSON.stringify(kept);
    const { profile: cpu } = await session.post('Profiler.stop');
    const { profile: heap } = await session.post('HeapProfiler.stopSampling');
    return { cpu, heap };
  } finally {
    session.disconnect();
  }
}

/** A profile of every format that is read, most of them real. */
export async function profileSamples(): Promise<[format: string, bytes: Uint8Array][]> {
  const { cpu, heap } = await recorded();
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const profile = await readProfile(json(cpu), 'cpu');
  const packed = await toPprof(profile);
  const chunk = (name: string, data: object) => ({ name, pid: 1, id: '0x1', args: { data } });
  const { nodes, samples, timeDeltas, startTime } = cpu as Record<string, unknown>;
  const parts = (all: Iterable<string | Uint8Array>) =>
    Buffer.concat(Array.from(all, (part) => Buffer.from(part)));
  return [
    ['cpuprofile', json(cpu)],
    ['heapprofile', json(heap)],
    ['pprof', gunzipSync(packed)],
    ['pprof, compressed', packed],
    ['folded', parts(toFolded(profile))],
    ['speedscope', parts(toSpeedscope(profile, 'cpu'))],
    ['speedscope, evented', drawing({ name: 'cpu', bytes: undefined, read: profile }, wish).bytes],
    [
      'chrome trace',
      json({
        traceEvents: [
          chunk('Profile', { startTime }),
          chunk('ProfileChunk', { cpuProfile: { nodes, samples }, timeDeltas }),
        ],
      }),
    ],
    ['perf script', Buffer.from(perfScript)],
    ['svg', Buffer.from(svg)],
  ];
}

const wish = { width: 1000, foldedName: '…', inTime: false };

/** Where it happens, as a share of the file, and what: bytes changed, left out, added or repeated. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom('flip', 'cut', 'insert', 'remove', 'repeat'),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 12 }),
    fc
      .constantFrom(
        '-1',
        '1e999',
        'NaN',
        'null',
        '"',
        '{',
        '[[[[',
        ']',
        '\n',
        ';',
        '99999999999999999999',
        '\\u0000',
      )
      .map((text) => Uint8Array.from(Buffer.from(text))),
  ),
});
type Damage = typeof damage extends fc.Arbitrary<infer Value> ? Value : never;

function damaged(sample: Uint8Array, damages: readonly Damage[]): Uint8Array {
  let bytes = Buffer.from(sample);
  for (const { at, kind, bytes: more } of damages) {
    const from = Math.floor(at * bytes.length);
    const to = Math.min(bytes.length, from + more.length);
    const [before, there, after] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
    if (kind === 'flip')
      bytes = Buffer.concat([before, there.map((byte, index) => byte ^ more[index]!), after]);
    else if (kind === 'cut') bytes = Buffer.from(before);
    else if (kind === 'insert') bytes = Buffer.concat([before, more, there, after]);
    else if (kind === 'remove') bytes = Buffer.concat([before, after]);
    else bytes = Buffer.concat([before, there, there, there, after]);
  }
  return bytes;
}

/** Bytes that reading small files may take on top of what was there, garbage included. */
const mostMemory = 512 * 1024 * 1024;

/**
 * Reads a sample that was damaged in many ways: each ends with a profile that can be looked at, or says what is wrong, and
 * no number in it makes memory grow.
 */
export async function readDamaged(sample: Uint8Array, options: fc.Parameters<[Damage[]]>): Promise<void> {
  const damages = fc.array(damage, { minLength: 1, maxLength: 4 });
  const before = peakMemory();
  await fc.assert(
    fc.asyncProperty(damages, async (all) => {
      const bytes = damaged(sample, all);
      let profile: Profile;
      try {
        profile = await readProfile(bytes, 'damaged');
      } catch (error) {
        if (!MusterError.is(error)) throw error;
        expect(['FORMAT', 'TOO_LARGE']).toContain(error.code);
        expect(error.message).toMatch(/^damaged: ./);
        return;
      }
      lookedAt(profile);
    }),
    options,
  );
  const { resident, asked } = peakMemory();
  expect(resident - before.resident).toBeLessThan(mostMemory);
  expect(asked - before.asked).toBeLessThan(mostMemory);
}

function lookedAt(profile: Profile): void {
  for (const [valueType] of profile.valueTypes.entries()) {
    const { functions, total } = hotFunctions(profile, valueType);
    expect(Number.isFinite(total)).toBe(true);
    for (const { self } of functions) expect(Number.isFinite(self)).toBe(true);
    criticalPath(profile, valueType);
  }
  const { bytes } = drawing({ name: 'damaged', bytes: undefined, read: profile }, wish);
  JSON.parse(Buffer.from(bytes).toString());
}
