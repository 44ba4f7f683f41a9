import { t } from '../../../../../platform/l10n/l10n';
import { formatError } from '../formatError';
import type { Profile } from '../../model/profile';
import { ProfileBuilder } from '../../model/profileBuilder';
import { textLines } from '../textLines';

const number = String.raw`(-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)`;
const once = new RegExp(String.raw`^(.*\S)\s+${number}\s*$`);
const twice = new RegExp(String.raw`^(.*\S)\s+${number}\s+${number}\s*$`);
/** `name (file.py:12)`, as py-spy writes it. */
const located = /^(.+) \((.+):(\d+)\)$/;
/** A line of JSON that has several. */
const jsonLine = /^\s*(?:"[^"]*"\s*:|\{\s*(?:"|$)|\[\s*(?:\{\s*"|$))/;

/** Whether a line is a stack with its weight. */
export const isFolded = (line: string) => once.test(line) && !isJson(line);

const isJson = (line: string) => jsonLine.test(line) && !endsAsFrame(line);

/** Whether an object or array ends in the line, and what JSON cannot have after it follows: a frame may be named so. */
function endsAsFrame(line: string): boolean {
  let depth = 0;
  for (const { 0: token, index } of line.matchAll(jsonToken)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 0) return false;
    if (depth === 0) return /^\s*[^\s,:\]}[{"]/.test(line.slice(index + 1));
  }
  return false;
}
const jsonToken = /[{}[\]]|"[^"\\]*(?:\\.[^"\\]*)*"/g;

/**
 * Folded stacks: a line each, frames from the outermost on between semicolons, then a space and the weight
 * (brendangregg/FlameGraph's stackcollapse, `py-spy record --format raw`, `asprof -o collapsed`). With two weights on each
 * line (difffolded.pl) there are two types of values. Lines without a weight are left out, as flamegraph.pl does, but
 * not most of them. @throws MusterError FORMAT
 */
export function readFolded(bytes: Uint8Array): Profile {
  const builder = new ProfileBuilder('folded');
  const isDifference = hasTwoWeights(bytes);
  const types = isDifference
    ? [builder.valueType('before', 'count'), builder.valueType('after', 'count')]
    : [builder.valueType('samples', 'count')];
  const known = new Map<string, number>();
  const frameNumber = (name: string) => {
    let frame = known.get(name);
    if (frame === undefined) known.set(name, (frame = frameOf(builder, name)));
    return frame;
  };
  let read = 0;
  let left = 0;
  let firstLeft = 0;
  for (const [line, match] of stacks(bytes, isDifference ? twice : once)) {
    if (!match) {
      if (left++ === 0) firstLeft = line;
      continue;
    }
    read++;
    const node = builder.stack(framesOf(match[1]!).map(frameNumber));
    types.forEach((type, index) => builder.add(node, type, Number(match[index + 2])));
  }
  if (left > read)
    throw formatError(
      t(
        '{0} of {1} lines do not end with a weight, the first of them is line {2}',
        left,
        left + read,
        firstLeft,
      ),
      t('Each line is a stack with semicolons between its frames, a space and a number.'),
    );
  builder.leftOut(
    left,
    t('{0} lines do not end with a weight and were left out, the first of them is line {1}', left, firstLeft),
  );
  if (isDifference)
    builder.notes.push(t('each line has two weights: “before” and “after” are the types of values'));
  return builder.finish(types.at(-1));
}

/** What lines say, with their numbers; undefined for those that are not stacks. */
function* stacks(
  bytes: Uint8Array,
  shape: RegExp,
): Generator<readonly [line: number, match: RegExpExecArray | null]> {
  for (const [line, text] of textLines(bytes)) {
    if (text.trim() === '' || text.startsWith('#')) continue;
    const match = shape.exec(text);
    yield [line, match && !isJson(text) ? match : null];
  }
}

/** Whether all stacks have two weights: some names end with a number, such as those of threads. */
function hasTwoWeights(bytes: Uint8Array): boolean {
  let hasFrames = false;
  for (const [, match] of stacks(bytes, once)) {
    if (!match) continue;
    if (!twice.test(match[0])) return false;
    hasFrames ||= match[1]!.includes(';');
  }
  return hasFrames;
}

/** Frames without a name are the profiler's not knowing it; flamegraph.pl has stacks that begin with a semicolon. */
function framesOf(stack: string): string[] {
  return stack
    .replace(/^[\s;]+/, '')
    .split(';')
    .map((name) => (name.trim() === '' ? '[unknown]' : name));
}

function frameOf(builder: ProfileBuilder, text: string): number {
  const match = located.exec(text);
  return match ? builder.frame(match[1]!, match[2], Number(match[3])) : builder.frame(text);
}
