import picomatch from 'picomatch';
import { t } from '../../l10n/l10n';
import { expandHostPattern, expandRange } from './hostSet';

/** Above this, ranges beside a glob would make too many globs. */
const maxGlobs = 1000;

/** A name, a range, a glob, or both, compiled. */
export interface NamePattern {
  /** The names that it lists, or undefined if it holds a glob. */
  readonly names?: ReadonlySet<string>;
  matches(name: string): boolean;
}

/** Whether `text` means more than itself. */
export function isPattern(text: string): boolean {
  return /[*?[\]]/.test(text);
}

/** Compiles what a selector's word or value matches: `*`, `?`, `[1-4]` and host ranges. @throws RangeError */
export function compilePattern(pattern: string): NamePattern {
  const alternatives = expandHostPattern(pattern);
  if (!alternatives.some(isPattern)) {
    const names = new Set(alternatives);
    return { names, matches: (name) => names.has(name) };
  }
  if (alternatives.length > maxGlobs) {
    throw new RangeError(t('a range beside a glob may stand for {0} names at most', maxGlobs));
  }
  const matches = picomatch(alternatives.map(escapeForPicomatch), {
    dot: true,
    nobrace: true,
    noextglob: true,
    noglobstar: true,
    nonegate: true,
    windows: false,
  });
  return { matches: (name) => matches(name) };
}

/** Leaves only `*`, `?` and classes special; runs of stars mean one, which also keeps matching fast. */
function escapeForPicomatch(glob: string): string {
  return glob
    .split(/(\[[^[\]]*\])/)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replace(/\*+/g, '*').replace(/[^\p{L}\p{N}*?/.:_ -]/gu, '\\$&'),
    )
    .join('');
}

/** Whether brackets in `pattern` are ranges only, so that it can name new hosts. @throws RangeError */
export function isHostPattern(pattern: string): boolean {
  const brackets = pattern.match(/\[[^[\]]*\]/g) ?? [];
  return (
    !/[*?]/.test(pattern) && brackets.every((bracket) => expandRange(bracket.slice(1, -1)) !== undefined)
  );
}
