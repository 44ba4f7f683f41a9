import type { OutputStream } from './outputStream';
import { jsonText } from './jsonText';

/** UTF-16 units collected before they are written. */
const chunkLength = 64 * 1024;

/** One line per value as they come, in their order, no faster than they are read. */
export class NdjsonStream {
  private pending: object[] = [];
  private writing: Promise<void> | undefined;

  constructor(private readonly output: OutputStream) {}

  push(value: object): void {
    this.pending.push(value);
    this.writing ??= this.drain();
  }

  /** Resolves when everything is written. */
  async end(): Promise<void> {
    await this.writing;
  }

  private async drain(): Promise<void> {
    // What ends in the same turn is written together.
    await Promise.resolve();
    while (this.pending.length > 0) {
      const values = this.pending;
      this.pending = [];
      await writeParts(this.output, ndjsonParts(values));
    }
    this.writing = undefined;
  }
}

/** A line for each value. */
export function* ndjsonParts(values: readonly object[]): Generator<string> {
  for (const value of values) {
    yield* objectParts(value);
    yield '\n';
  }
}

/** Writes one JSON document with a line per result. */
export async function writeJsonReport(
  output: OutputStream,
  report: Parameters<typeof reportParts>[0] & { traceId: string; summary: object },
): Promise<void> {
  await writeParts(output, reportParts(report));
}

/** The same in pieces. */
export function* reportParts({ results, ...head }: { results: readonly object[] }): Generator<string> {
  yield `${jsonText(head).slice(0, -1)},"results":[`;
  for (const [index, result] of results.entries()) {
    yield index === 0 ? '\n' : ',\n';
    yield* objectParts(result);
  }
  yield '\n]}\n';
}

/** UTF-16 units of a text beyond which an object is written in parts. */
const longText = 64 * 1024;

/**
 * The object's JSON, property by property where one is long: outputs of a host may together be longer than a string can
 * be.
 */
function* objectParts(value: object): Generator<string> {
  const isLong = Object.values(value).some((text) => typeof text === 'string' && text.length > longText);
  if (!isLong) {
    yield jsonText(value);
    return;
  }
  let separator = '{';
  for (const [key, property] of Object.entries(value)) {
    if (property === undefined) continue;
    yield `${separator}${jsonText(key)}:`;
    yield jsonText(property);
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}

/** Writes chunks of a sensible size, waiting for the reader after each. */
export async function writeParts(output: OutputStream, parts: Iterable<string>): Promise<void> {
  let chunk = '';
  for (const part of parts) {
    if (chunk.length + part.length > chunkLength && chunk !== '') {
      await output.write(chunk);
      chunk = '';
    }
    chunk += part;
  }
  if (chunk !== '') await output.write(chunk);
}
