/** Numbers that a seed makes: the same ones each time, unlike Math.random (mulberry32, public domain, by Tommy Ettinger). */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What inputs are made of: sound ones, and pieces that mean something to the reader. */
export interface Material {
  samples: readonly (string | Uint8Array)[];
  pieces: readonly (string | Uint8Array)[];
}

const bytesOf = (one: string | Uint8Array) => (typeof one === 'string' ? Buffer.from(one) : Buffer.from(one));
/** Bytes at which readers turn: ends, signs, the largest numbers. */
const turning = [0x00, 0x01, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x27, 0x7f, 0x80, 0xfe, 0xff];

/**
 * Inputs without end: sound ones that were damaged (bytes changed, taken out, doubled, pieces put in, cut off), and rows
 * of pieces.
 */
export function* hostileInputs({ samples, pieces }: Material, seed: number): Generator<Buffer, never> {
  const below = seeded(seed);
  const sound = samples.map(bytesOf);
  const parts = pieces.map(bytesOf);
  const piece = () => parts[below(parts.length)]!;
  const edits: ((input: Buffer, at: number) => Buffer)[] = [
    (input, at) => {
      if (at < input.length) input[at] = below(4) === 0 ? below(256) : turning[below(turning.length)]!;
      return input;
    },
    (input, at) => Buffer.concat([input.subarray(0, at), input.subarray(at + 1 + below(20))]),
    (input, at) => Buffer.concat([input.subarray(0, at), piece(), input.subarray(at)]),
    (input, at) => Buffer.concat([input.subarray(0, at), input.subarray(Math.max(0, at - below(40)))]),
    (input, at) => input.subarray(0, at),
  ];
  for (;;) {
    if (below(4) === 0) {
      yield Buffer.concat(Array.from({ length: below(20) }, piece));
      continue;
    }
    let input: Buffer = Buffer.from(sound[below(sound.length)]!);
    for (let edit = below(5); edit >= 0; edit--)
      input = Buffer.from(edits[below(edits.length)]!(input, below(input.length + 1)));
    yield input;
  }
}

export interface Survived {
  inputs: number;
  /** Of the input that took longest, milliseconds. */
  slowestMs: number;
  /** Bytes by which the process grew beyond what it had at the beginning. */
  grownBytes: number;
}

/**
 * Has `read` take `count` inputs, one after the other. @throws Error with the input, when it throws anything else than what
 * `isRefusal` knows, or takes longer than a second twice in a row
 */
export async function survives(
  { samples, pieces }: Material,
  read: (input: Buffer) => unknown,
  { count, seed, isRefusal }: { count: number; seed: number; isRefusal: (error: unknown) => boolean },
): Promise<Survived> {
  const inputs = hostileInputs({ samples, pieces }, seed);
  const before = process.memoryUsage.rss();
  const survived: Survived = { inputs: 0, slowestMs: 0, grownBytes: 0 };
  const taken = async (input: Buffer) => {
    const began = performance.now();
    try {
      const reading = read(input);
      if (reading instanceof Promise) await reading;
    } catch (error) {
      if (!isRefusal(error)) throw failed(input, error);
    }
    return performance.now() - began;
  };
  while (survived.inputs < count) {
    const input = inputs.next().value;
    let ms = await taken(Buffer.from(input));
    // Whether it was the input or the machine, a second try tells.
    if (ms > 1_000) ms = Math.min(ms, await taken(Buffer.from(input)));
    if (ms > 1_000) throw failed(input, new Error(`it takes ${ms.toFixed()} ms`));
    survived.slowestMs = Math.max(survived.slowestMs, ms);
    if (++survived.inputs % 1_000 === 0) {
      survived.grownBytes = Math.max(survived.grownBytes, process.memoryUsage.rss() - before);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return survived;
}

function failed(input: Buffer, cause: unknown): Error {
  const shown = JSON.stringify(input.toString('latin1')).slice(0, 2_000);
  return new Error(`the Latin-1 input ${shown} is not survived: ${String(cause)}`, { cause });
}
