import { z } from 'zod';
import { t, text } from '../../l10n';
import { formatError } from '../formatError';
import { JsonScanner } from './jsonScanner';

/** A long array of a JSON file that is still bytes, and where it is for people. */
export class JsonArray {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly at: number,
    readonly path: string,
  ) {}

  /** Calls for each item, which the scanner stands at. @throws MusterError FORMAT */
  forEach(item: (scanner: JsonScanner, index: number) => void): void {
    const scanner = new JsonScanner(this.bytes, this.at);
    let current = 0;
    try {
      scanner.array((index) => item(scanner, (current = index)));
    } catch (error) {
      if (error instanceof SyntaxError)
        throw formatError(`${this.path}.${current}: ${error.message}`, undefined, error);
      throw error;
    }
  }

  /** An array of numbers; `null` is NaN. @throws MusterError FORMAT */
  numbers(): Float64Array {
    let values = new Float64Array(1024);
    let length = 0;
    this.forEach((scanner) => {
      if (length === values.length) {
        const more = new Float64Array(2 * length);
        more.set(values);
        values = more;
      }
      values[length++] = scanner.number();
    });
    return values.subarray(0, length);
  }

  /** An array of what the shape says, one object after the other. @throws MusterError FORMAT */
  values<Value>(shape: z.ZodType<Value>, each: (value: Value, index: number) => void): void {
    this.forEach((scanner, index) => {
      const read = shape.safeParse(scanner.value());
      if (read.success) return each(read.data, index);
      const [issue] = read.error.issues;
      throw formatError(`${[this.path, index, ...issue!.path.map(String)].join('.')}: ${t(issue!.message)}`);
    });
  }
}

export const jsonArray = z.instanceof(JsonArray, { error: text('an array is expected') });

/** Long arrays by the key of the object that they are in. */
const longArrays: ReadonlySet<string> = new Set([
  'nodes',
  'samples',
  'timeDeltas',
  'traceEvents',
  'events',
  'weights',
]);

/**
 * What a JSON file of a profile says, with its long arrays left as bytes: those of the outermost object and of what is in
 * its `profiles`. @throws SyntaxError
 */
export function jsonOutline(bytes: Uint8Array): unknown {
  const scanner = new JsonScanner(bytes);
  const value = scanner.next() === '[' ? arrayAt(bytes, scanner, 'events') : objectAt(bytes, scanner, '');
  scanner.end();
  return value;
}

function arrayAt(bytes: Uint8Array, scanner: JsonScanner, path: string): JsonArray {
  const { at } = scanner;
  scanner.skip();
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
