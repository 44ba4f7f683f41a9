import path from 'node:path';
import { matchesSteps } from '../transport/ssh/config/wildcard';

/** A character of a name, or the set that it must be in. */
type Step = '*' | ((character: string) => boolean);

/** On Windows the backslash separates folders. */
const canEscape = path.sep === '/';

/** What a pattern may cost: one of stars only names all that there is. */
export const globLimits = {
  /** Paths that a pattern names; there are no more in the result. */
  matches: 1000,
  /** Names that are looked at in all folders together. */
  entries: 20_000,
} as const;

/** What a pattern names. */
export interface Matches {
  files: string[];
  /** False where a limit kept some out. */
  isComplete: boolean;
}

/**
 * The paths that a pattern names as the glob(3) of OpenSSH does, in order: `*`, `?`, `[a-z]`, `[!a]` and `[[:digit:]]` in any part,
 * a backslash before what means itself. A pattern without these is its own only path, whether it is there or not.
 * @param namesIn the names in a folder, at most as many as it is told; none if there is no such folder
 */
export async function globFiles(
  pattern: string,
  namesIn: (folder: string, most: number) => Promise<readonly string[]>,
): Promise<Matches> {
  const { root } = path.parse(pattern);
  let found = [root];
  let left: number = globLimits.entries;
  let isComplete = true;
  for (const part of pattern.slice(root.length).split(path.sep)) {
    const steps = stepsOf(part);
    if (typeof steps === 'string') {
      found = found.map((folder) => path.join(folder, steps));
      continue;
    }
    const matched: string[] = [];
    for (const folder of found) {
      // One more tells that there are more.
      const names = await namesIn(folder, left + 1);
      for (const name of names.slice(0, left))
        if (matches(part, steps, name)) matched.push(path.join(folder, name));
      if (names.length > left) isComplete = false;
      // A folder counts too, however little is in it.
      left = Math.max(0, left - 1 - names.length);
      if (left > 0) continue;
      isComplete &&= folder === found.at(-1);
      break;
    }
    found = matched;
  }
  if (found.length > globLimits.matches) isComplete = false;
  return { files: found.sort().slice(0, globLimits.matches), isComplete };
}

/** A leading dot is only matched by a dot. */
function matches(part: string, steps: readonly Step[], name: string): boolean {
  if (name.startsWith('.') && !/^\\?\./.test(part)) return false;
  return matchesSteps(steps, name, (step, character) => step(character));
}

/** The steps of a part of a path, or its name where it names one only. */
function stepsOf(part: string): Step[] | string {
  const steps: Step[] = [];
  let name: string | undefined = '';
  for (let index = 0; index < part.length; index++) {
    const bracket = part[index] === '[' ? bracketAt(part, index) : undefined;
    if (bracket) {
      steps.push(bracket.has);
      index = bracket.end;
      name = undefined;
    } else if (part[index] === '*' || part[index] === '?') {
      steps.push(part[index] === '*' ? '*' : () => true);
      name = undefined;
    } else {
      if (canEscape && part[index] === '\\' && index + 1 < part.length) index++;
      const literal = part[index]!;
      steps.push((character) => character === literal);
      if (name !== undefined) name += literal;
    }
  }
  return name ?? steps;
}

/** Sources, of which those of Unicode take long to compile. */
const classes: Record<string, string> = {
  alnum: String.raw`[\p{L}\p{N}]`,
  alpha: String.raw`\p{L}`,
  blank: String.raw`[ \t]`,
  digit: '[0-9]',
  lower: String.raw`\p{Ll}`,
  punct: '[!-/:-@[-`{-~]',
  space: String.raw`\s`,
  upper: String.raw`\p{Lu}`,
  xdigit: '[0-9a-fA-F]',
};

/** The bracket expression that begins at `start`, or undefined where it does not end: it is a plain `[` then. */
function bracketAt(
  part: string,
  start: number,
): { has: (character: string) => boolean; end: number } | undefined {
  const negated = part[start + 1] === '!';
  const members: ((character: string) => boolean)[] = [];
  let index = start + (negated ? 2 : 1);
  for (const first = index; index === first || part[index] !== ']'; index++) {
    const [whole, name] = /^\[:(\w+):\]/.exec(part.slice(index)) ?? [];
    if (whole !== undefined) {
      const inClass = Object.hasOwn(classes, name!) ? new RegExp(classes[name!]!, 'u') : undefined;
      members.push((character) => inClass?.test(character) ?? false);
      index += whole.length - 1;
      continue;
    }
    if (canEscape && part[index] === '\\') index++;
    const from = part[index];
    if (from === undefined) return undefined;
    let to = from;
    if (part[index + 1] === '-' && part[index + 2] !== ']' && part[index + 2] !== undefined) {
      index += canEscape && part[index + 2] === '\\' ? 3 : 2;
      to = part[index] ?? from;
    }
    members.push((character) => from <= character && character <= to);
  }
  return { has: (character) => members.some((isIn) => isIn(character)) !== negated, end: index };
}
