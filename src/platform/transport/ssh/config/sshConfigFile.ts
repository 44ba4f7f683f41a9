import type { SourceRange } from '../../../inventory/model';
import { t } from '../../../l10n/l10n';
import { isUnderstood, meantKeyword, spelled } from './sshConfigKeywords';
import { parseCriteria, type Criterion } from './sshConfigMatch';

/** Something in an ssh_config that is not as it should be, and where. */
export interface ConfigProblem {
  message: string;
  range: SourceRange;
}

/** An argument without its quotes. */
export interface Word {
  text: string;
  /** Where it stands, without quotes around it. */
  range: SourceRange;
}

export interface Directive {
  /** In lower case. */
  keyword: string;
  words: readonly Word[];
  /** All that follows the keyword, as it was written: what commands are made of. */
  rest: string;
  range: SourceRange;
  /** Why the line cannot be understood. */
  fault?: string;
}

/** Lines with the condition under which they hold. */
export interface Block {
  /** Undefined for the lines before the first `Host` or `Match`. */
  head?: Directive;
  /** The patterns of a `Host` line. */
  patterns?: readonly string[];
  /** What a `Match` line asks for. */
  criteria?: readonly Criterion[];
  body: Directive[];
}

/** Problems of each kind that are kept of one file. */
const maxProblems = 100;

/** A parsed ssh_config file in which the blocks of a host are found without going through all of them. */
export class SshConfigFile {
  readonly blocks: readonly Block[];
  /** Characters. */
  readonly length: number;
  /** Lines that cannot be understood. */
  readonly problems: readonly ConfigProblem[];
  /** What to say of the file where nothing in it is ssh_config. */
  readonly otherKind: ConfigProblem | undefined;
  /** Whether a `Match final` asks for the files to be read once more. */
  readonly asksForFinal: boolean;
  /** Blocks that may concern any host. */
  private readonly general: Placed[] = [];
  /** `Host` blocks by the names that they list. */
  private readonly byName = new Map<string, Placed[]>();

  /** @throws Error when the text is no ssh_config at all */
  constructor(
    readonly file: string,
    text: string,
  ) {
    if (text.includes('\0')) throw new Error(t('it holds binary data'));
    this.length = text.length;
    const blocks: Block[] = [{ body: [] }];
    const problems: ConfigProblem[] = [];
    let isOurs = false;
    for (const directive of directivesOf(file, text)) {
      if (directive.keyword === 'host' || directive.keyword === 'match') blocks.push(blockOf(directive));
      else blocks.at(-1)!.body.push(directive);
      const { fault, range } = directive;
      isOurs ||= isUnderstood(directive.keyword);
      if (fault !== undefined && problems.length < maxProblems) problems.push({ message: fault, range });
    }
    for (const [place, block] of blocks.entries()) this.index({ place, block });
    this.blocks = blocks;
    const mistaken = misspelt(blocks).slice(0, maxProblems);
    const [first] = blocks.flatMap(({ body }) => body);
    this.otherKind = isOurs || !first ? undefined : ofAnotherKind(first);
    if (!this.otherKind) this.problems = [...problems, ...mistaken];
    else this.problems = mistaken.length === 0 && problems.length > 0 ? [this.otherKind] : mistaken;
    this.asksForFinal = blocks.some(({ criteria }) =>
      criteria?.some(({ name, negated }) => name === 'final' && !negated),
    );
  }

  /** What may concern a host, in the order of the file: patterns are still to be compared. */
  blocksFor(alias: string): Block[] {
    const named = this.byName.get(alias) ?? [];
    return [...this.general, ...named].sort((a, b) => a.place - b.place).map(({ block }) => block);
  }

  private index(placed: Placed): void {
    const { head, patterns } = placed.block;
    if (head?.fault !== undefined) return;
    if (!patterns || patterns.some(isPattern)) this.general.push(placed);
    else {
      for (const name of new Set(patterns)) {
        const blocks = this.byName.get(name);
        if (blocks) blocks.push(placed);
        else this.byName.set(name, [placed]);
      }
    }
  }
}

/** Nothing of a file is shown that has no keyword of ssh_config: it may be a key, or a list of passwords. */
function ofAnotherKind({ range }: Directive): ConfigProblem {
  return {
    message: t('this is not an ssh_config: none of its lines begins with a keyword that Muster knows'),
    range,
  };
}

interface Placed {
  place: number;
  block: Block;
}

/** Whether a word of a `Host` line is more than the name of a host. */
export const isPattern = (word: string) => /[*?]|^!/.test(word);

/** Keywords that look like mistakes: what they were to say would be missing silently. */
function misspelt(blocks: readonly Block[]): ConfigProblem[] {
  const directives = blocks.flatMap(({ body }) => body);
  const ignored = directives
    .filter(({ keyword }) => keyword === 'ignoreunknown')
    .flatMap(({ words }) => words.flatMap(({ text }) => text.toLowerCase().split(',')));
  return directives.flatMap(({ keyword, range }) => {
    const meant = meantKeyword(keyword, ignored);
    if (meant === undefined) return [];
    return [{ message: t('“{0}” is not a keyword of ssh_config; did you mean {1}?', keyword, meant), range }];
  });
}

/** A head with a fault is of a block that holds for no host: whose it is meant to be is not known. */
function blockOf(head: Directive): Block {
  const words = head.words.map(({ text }) => text);
  if (head.fault === undefined && words.includes(''))
    head.fault = t('{0}: an argument is empty', nameOf(head));
  if (head.fault !== undefined) return { head, body: [] };
  if (head.keyword === 'host') return { head, patterns: words, body: [] };
  const criteria = parseCriteria(words);
  if (typeof criteria !== 'string') return { head, criteria, body: [] };
  head.fault = `Match: ${criteria}`;
  return { head, body: [] };
}

/** The keyword as messages show it. */
export const nameOf = ({ keyword }: Directive) => spelled(keyword);

function* directivesOf(file: string, text: string): Iterable<Directive> {
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.replace(/[ \t\r\f]+$/, '');
    const [head, quoted, plain = quoted] =
      /^[ \t\r]*(?:"([^"]*)"|([^\s"=]+))[ \t\r]*=?[ \t\r]*/.exec(line) ?? [];
    if (head === undefined || !plain || plain.startsWith('#')) continue;
    const rangeOf = (start: number, end: number): SourceRange => {
      const place = index + 1;
      return { file, line: place, column: start + 1, endLine: place, endColumn: end + 1 };
    };
    const keyword = plain.toLowerCase();
    const directive: Directive = {
      keyword,
      words: [],
      // Of these, a second sign is passed over as well.
      rest: line.slice(head.length).replace(/^[ \t\r=]+/, ''),
      range: rangeOf(line.search(/[^ \t\r]/), line.length),
    };
    if (head.length === line.length) directive.fault = t('{0}: its argument is missing', nameOf(directive));
    else {
      const words = splitWords(line, head.length);
      if (!words) directive.fault = t('{0}: a quote is not closed', nameOf(directive));
      else {
        directive.words = words.map(({ text: word, start, end }) => ({
          text: word,
          range: rangeOf(start, end),
        }));
        // A comment alone is no argument.
        if (words.length === 0) directive.fault = t('{0}: its argument is missing', nameOf(directive));
      }
    }
    yield directive;
  }
}

/**
 * The words of a line from `offset` as OpenSSH splits them: quotes of both kinds anywhere in a word, a backslash before
 * a quote, a backslash or (outside of quotes) a space, and a comment from a `#` where a word would begin. Undefined
 * where a quote is not closed.
 */
function splitWords(
  line: string,
  offset: number,
): { text: string; start: number; end: number }[] | undefined {
  const words: { text: string; start: number; end: number }[] = [];
  const isBlank = (character: string | undefined) => character === ' ' || character === '\t';
  for (let index = offset; index < line.length;) {
    if (isBlank(line[index])) {
      index++;
      continue;
    }
    if (line[index] === '#') break;
    const start = index;
    let text = '';
    let quote = '';
    for (; index < line.length && (quote !== '' || !isBlank(line[index])); index++) {
      const character = line[index]!;
      const next = line[index + 1] ?? '';
      if (character === '\\' && (/['"\\]/.test(next) || (quote === '' && next === ' '))) {
        text += next;
        index++;
      } else if (quote === '' && (character === '"' || character === "'")) quote = character;
      else if (character === quote) quote = '';
      else text += character;
    }
    if (quote !== '') return undefined;
    const inQuotes = line.slice(start + 1, index - 1) === text && /['"]/.test(line[start]!);
    words.push(inQuotes ? { text, start: start + 1, end: index - 1 } : { text, start, end: index });
  }
  return words;
}
