import { z } from 'zod';
import { formatError } from '../formatError';
import { JsonScanner } from './jsonScanner';

/** A long array of a JSON file that is still bytes, and where it is for people. */
export class JsonArray {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly at: number,
    readonly path: string,
    /** The file ends within it. */
    readonly isCut = false,
  ) {}

  /** Calls for each item, which the scanner stands at. @throws MusterError FORMAT */
  forEach(item: (scanner: JsonScanner, index: number) => void): void {
    const scanner = new JsonScanner(this.bytes, this.at);
    let current = 0;
    try {
      scanner.array((index) => item(scanner, (current = index)));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      if (this.isCut && scanner.at >= this.bytes.length) return;
      throw formatError(`${this.path}.${current}: ${error.message}`, undefined, error);
    }
  }

  /** An array of numbers; what is none is NaN, as is `null`. @throws MusterError FORMAT */
  numbers(): Float64Array {
    let values = new Float64Array(1024);
    let length = 0;
    this.forEach((scanner) => {
      if (length === values.length) {
        const more = new Float64Array(2 * length);
        more.set(values);
        values = more;
      }
      values[length++] = scanner.isAtNumber() ? scanner.number() : NaN;
    });
    return values.subarray(0, length);
  }

  /** Calls for each item that has the shape, one after the other. Returns how many have not. @throws MusterError FORMAT */
  values<Value>(shape: z.ZodType<Value>, each: (value: Value) => void): number {
    let others = 0;
    this.forEach((scanner) => {
      const read = shape.safeParse(scanner.valueIfSound());
      if (read.success) each(read.data);
      else others++;
    });
    return others;
  }
}

export const jsonArray = z.instanceof(JsonArray);

/** Long arrays by the key of the object that they are in. */
const longArrays: ReadonlySet<string> = new Set([
  'nodes',
  'samples',
  'timeDeltas',
  'timestamps',
  'traceEvents',
  'events',
  'weights',
]);

/**
 * What a JSON file of a profile says, with its long arrays left as bytes: those of the outermost object and of what is in
 * its `profiles`. Of a trace that breaks off, what was written of it: its writer may have been stopped, and the Trace
 * Event Format lets the last bracket be missing. @throws SyntaxError
 */
export function jsonOutline(bytes: Uint8Array): unknown {
  const scanner = new JsonScanner(bytes);
  let value: unknown;
  try {
    value = scanner.next() === '[' ? arrayAt(bytes, scanner, 'events') : objectAt(bytes, scanner, '');
  } catch (error) {
    if (!(error instanceof CutTrace)) throw error;
    return { traceEvents: error.events };
  }
  scanner.end();
  return value;
}

/** Thrown past what the events of a trace are in. */
class CutTrace extends Error {
  constructor(readonly events: JsonArray) {
    super();
  }
}

function arrayAt(bytes: Uint8Array, scanner: JsonScanner, path: string): JsonArray {
  const { at } = scanner;
  try {
    scanner.skip();
  } catch (error) {
    if (path === 'events' || path === 'traceEvents') throw new CutTrace(new JsonArray(bytes, at, path, true));
    throw error;
  }
  return new JsonArray(bytes, at, path);
}

function objectAt(bytes: Uint8Array, scanner: JsonScanner, path: string): unknown {
  if (scanner.next() !== '{') return scanner.value();
  const value: Record<string, unknown> = {};
  scanner.object((key) => {
    const isArray = scanner.next() === '[';
    if (isArray && longArrays.has(key)) value[key] = arrayAt(bytes, scanner, path + key);
    else if (isArray && path === '' && key === 'profiles') {
      const profiles: unknown[] = [];
      scanner.array((index) => profiles.push(objectAt(bytes, scanner, `profiles.${index}.`)));
      value[key] = profiles;
    } else value[key] = scanner.value();
  });
  return value;
}
