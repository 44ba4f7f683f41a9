import { walk } from './hotFunctions';
import type { LocatedProfile } from '../model/locatedProfile';
import type { Frame } from '../model/profile';
import { profileIndex } from '../model/profileIndex';
import { bareName } from '../sources/bareName';
import { wholeWeight } from '../model/wholeWeight';

/** Lines of a function in a file that is open, both included, from 1. */
export interface SourceRange {
  name: string;
  from: number;
  to: number;
}

export interface Weights {
  self: number;
  total: number;
}

export interface FileWeights {
  /** What shares are of. */
  whole: number;
  /** By line, for formats that tell which line ran. */
  lines: (Weights & { line: number })[];
  /** In the order of the ranges. */
  ranges: Weights[];
  functions: (Weights & { name: string; file: string; line: number | undefined })[];
}

export interface FileWeightsOrder {
  /** The names that the profile has for the file. */
  files: readonly string[];
  valueType: number;
  ranges: readonly SourceRange[];
}

/** Frames of these name the line that ran; those of V8 the line on which their function begins. */
const withLines = ['pprof', 'folded', 'speedscope'];
const modules = ['<module>', '(anonymous)'];

/** What a file weighs in a profile: its lines, its functions, and the given ranges of it. What calls itself counts once. */
export function fileWeights(
  profile: LocatedProfile,
  { files, valueType, ranges }: FileWeightsOrder,
): FileWeights {
  const { frames, tree, ticks, format } = profile;
  const { functionOf, functions, totals } = profileIndex(profile);
  const wanted = new Set(files);
  const self = tree.self[valueType]!;
  const total = totals(valueType);
  const hasLines = withLines.includes(format);
  const sums = new Map<string, Weights & { active: number }>();
  const sum = (key: string) => {
    const known = sums.get(key) ?? { self: 0, total: 0, active: 0 };
    sums.set(key, known);
    return known;
  };
  /** What a frame adds to. */
  const keysOf = frames.map((frame, index): (Weights & { active: number })[] | undefined => {
    if (frame.file === undefined || !wanted.has(frame.file)) return undefined;
    const range = rangeOf(frame, ranges);
    return [
      sum(`function ${functionOf[index]}`),
      ...(range >= 0 ? [sum(`range ${range}`)] : []),
      ...(hasLines && frame.line !== undefined ? [sum(`line ${frame.line}`)] : []),
    ];
  });
  const selfOfFrame = new Float64Array(ticks ? frames.length : 0);
  walk(profile, {
    enter: (node) => {
      const frame = tree.frame[node]!;
      if (ticks) selfOfFrame[frame]! += self[node]!;
      for (const one of keysOf[frame] ?? []) {
        one.self += self[node]!;
        if (one.active++ === 0) one.total += total[node]!;
      }
    },
    leave: (node) => {
      for (const one of keysOf[tree.frame[node]!] ?? []) one.active--;
    },
  });
  for (const [frame, lines] of ticks ?? []) {
    if (!keysOf[frame]) continue;
    const count = [...lines.values()].reduce((all, one) => all + one, 0);
    for (const [line, one] of lines) {
      const weight = (selfOfFrame[frame]! * one) / count;
      const known = sum(`line ${line}`);
      known.self += weight;
      known.total += weight;
    }
  }
  const firstLines = linesOf(profile, functionOf);
  const numbered = (kind: string) =>
    [...sums]
      .filter(([key]) => key.startsWith(kind))
      .map(([key, weights]) => [Number(key.slice(kind.length)), plain(weights)] as const);
  return {
    whole: wholeWeight(profile, valueType).whole,
    lines: numbered('line ').map(([line, weights]) => ({ line, ...weights })),
    ranges: ranges.map((_, index) => plain(sums.get(`range ${index}`))),
    functions: numbered('function ').map(([number, weights]) => {
      const { name, file } = functions[number]!;
      return { name, file: file!, line: firstLines.get(number), ...weights };
    }),
  };
}

const plain = ({ self, total }: Weights = { self: 0, total: 0 }): Weights => ({ self, total });

/** The innermost range with the name of the function, else the innermost around its line. */
function rangeOf({ name, line, start, column }: Frame, ranges: readonly SourceRange[]): number {
  if (line === undefined) return -1;
  // What a module does on loading is no part of the functions that it declares.
  if (name === '<module>' || (modules.includes(name) && line === 1 && column === 1)) return -1;
  const at = start ?? line;
  const bare = bareName(name);
  let best = -1;
  let isBestNamed = false;
  for (const [index, range] of ranges.entries()) {
    if (at < range.from || at > range.to) continue;
    const isNamed = bareName(range.name) === bare;
    const size = (one: SourceRange) => one.to - one.from;
    const isBetter = best < 0 || (isNamed === isBestNamed ? size(range) <= size(ranges[best]!) : isNamed);
    if (!isBetter) continue;
    best = index;
    isBestNamed = isNamed;
  }
  return best;
}

/** Where functions begin, as far as their frames tell, by their numbers. */
function linesOf({ frames }: LocatedProfile, functionOf: Int32Array): ReadonlyMap<number, number> {
  const lines = new Map<number, number>();
  for (const [index, { line, start }] of frames.entries()) {
    const at = start ?? line;
    const number = functionOf[index]!;
    if (at !== undefined && at < (lines.get(number) ?? Infinity)) lines.set(number, at);
  }
  return lines;
}
