import { placedPlaceholders, type PlacedPlaceholder } from '../yaml/placeholders';
import { judgeCommand, type PlaceholderRange, type ShellWord, type UnsafePlace } from './shellCommands';

export interface ShellPlaceholder extends PlacedPlaceholder {
  /** Undefined where a quoted word can stand. */
  readonly place: UnsafePlace | undefined;
  /** Its value begins a word that a command may take for an option. */
  readonly beginsWord: boolean;
}

/** The placeholders of a command line for a shell, with where they stand. */
export function shellPlaceholders(line: string): ShellPlaceholder[] {
  const placed = placedPlaceholders(line);
  if (placed.length === 0) return [];
  // It is not known which shell the user logs in to, and they differ in what a backslash means in single quotes.
  const readings = dialects.map((dialect) => new Scanner(line, placed, dialect).scan());
  return placed.map((placeholder, index) => {
    const found = readings.map((reading) => reading[index]);
    return {
      ...placeholder,
      // What was not met is in something that was not followed.
      place: found.map((one) => (one ? one.place : 'backslash')).find((place) => place !== undefined),
      beginsWord: found.some((one) => one?.beginsWord),
    };
  });
}

interface Dialect {
  /** A backslash escapes in `'…'`, as in fish. */
  readonly escapes: boolean;
  /** `$'…'` holds escapes, as in bash and zsh. */
  readonly dollarQuotes: boolean;
}
const dialects: readonly Dialect[] = [
  { escapes: false, dollarQuotes: true },
  { escapes: false, dollarQuotes: false },
  { escapes: true, dollarQuotes: true },
];

/** Where the value of a variable is evaluated once more: arithmetic, subscripts, `${!x}`, flags of zsh. */
const evaluation =
  /\(\(|\$\[|\$\{[!(=^~]|\$[=^~]|\$\{\w+(?:\[(?![@*\d]+\])|:\s*(?![-+=?\d]))|\b(?:declare|typeset|local|readonly|export|private|set)\s+[-+]\w*[aAinEF]|\b(?:integer|float)\s/;
const subscript = /\w\[\$|\$\w+\[(?![@*\d]+\])|\w\[[A-Za-z_][^\]\s]*\]\+?=|\$\{\w+@|\$\{\w+:[^}:]*:\s*[^\d}]/;
function evaluates(line: string): boolean {
  // Numbers alone evaluate nothing.
  const text = line.replace(/\(\([\d\s+*/%<>-]*\)\)/g, '');
  // Subscripts of awk stand in single quotes.
  if (evaluation.test(text) || subscript.test(text.replace(/'[^']*'/g, ''))) return true;
  return line.includes('[[') && /\s-(?:eq|ne|lt|le|gt|ge|v|R|t)\s/.test(line);
}

interface Frame {
  readonly kind: 'commands' | 'quotes' | 'expansion' | 'arithmetic' | 'test';
  /** What it is unsafe for, whatever is nested in it. */
  readonly place: UnsafePlace | undefined;
  /** Parentheses that are open, of arithmetic. */
  depth: number;
  /** Part of a word of the frame around it. */
  readonly isInWord: boolean;
  /** The simple command that is being read. */
  command: Command;
}

interface Command {
  /** Placeholders that were found before it. */
  readonly from: number;
  readonly words: ShellWord[];
  /** The word that is being read. */
  word: { readonly at: number; readonly from: number; expands: boolean } | undefined;
  isTarget: boolean;
  /** A `[` is open. */
  isSubscript: boolean;
  endsOptions: boolean;
}

/** Reads a command line as far as it takes to know what is quoted. What it cannot follow counts as unsafe. */
class Scanner {
  private at = 0;
  private readonly frames: Frame[] = [frame('commands', undefined, 0)];
  private readonly found: ShellPlaceholder[] = [];
  private readonly refused = new Map<number, UnsafePlace>();
  private readonly stored: PlaceholderRange[] = [];
  private evaluatesVariables = false;
  private evaluatesStored = false;
  private readonly hereDocuments: {
    readonly delimiter: string;
    readonly stripsTabs: boolean;
    readonly joinsLines: boolean;
  }[] = [];
  /** The parentheses of a `case` in `$( )` are not told from those that end it. */
  private isLost = false;
  private isWordStart = true;

  constructor(
    private readonly line: string,
    private readonly placed: readonly PlacedPlaceholder[],
    private readonly dialect: Dialect,
  ) {}

  scan(): ShellPlaceholder[] {
    while (this.at < this.line.length) this.step();
    while (this.frames.length > 0) {
      this.endCommand();
      this.frames.pop();
    }
    if (this.evaluatesVariables || evaluates(this.line))
      this.refuse({ from: 0, to: this.found.length }, 'stored');
    if (this.evaluatesStored) for (const range of this.stored) this.refuse(range, 'stored');
    return this.found.map((found, index) => ({ ...found, place: this.refused.get(index) ?? found.place }));
  }

  private refuse({ from, to }: PlaceholderRange, place: UnsafePlace): void {
    for (let index = from; index < to; index++) {
      if (this.refused.has(index) || (place === 'stored' && this.found[index]!.place)) continue;
      this.refused.set(index, place);
    }
  }

  private get top(): Frame {
    return this.frames.at(-1)!;
  }

  private step(): void {
    const { line, top } = this;
    const character = line[this.at]!;
    if (this.isWordStart && top.kind === 'commands') this.beginWord();
    if (this.takePlaceholder(top.place)) return;
    if (character === '\\') return this.takeEscape();
    if (character === '`') return this.takeRaw('`', 1, 'backticks', true);
    if (character === '"') {
      if (top.kind === 'quotes') this.frames.pop();
      else this.push('quotes', 'doubleQuotes');
      return this.pass(1);
    }
    if (character === '$' && this.takeDollar()) return;
    if (top.kind === 'quotes') return this.pass(1);
    if (character === "'" && !this.isQuoted)
      return this.takeRaw("'", 1, 'singleQuotes', this.dialect.escapes);
    if (top.kind === 'expansion') {
      if (character === '}') this.frames.pop();
      return this.pass(1);
    }
    if (top.kind === 'arithmetic') return this.takeArithmetic(character);
    this.takeCommands(character);
  }

  /** Whether double quotes are open around it, so that single ones mean nothing. */
  private get isQuoted(): boolean {
    return this.top.kind === 'expansion' && this.frames.at(-2)?.kind === 'quotes';
  }

  private takeCommands(character: string): void {
    const { top } = this;
    if (top.kind === 'test' && this.isWordStart && this.starts(']]')) {
      this.frames.pop();
      return this.pass(2);
    }
    if (this.isWordStart) {
      if (character === '#') return this.takeRaw('\n', 0, 'comment', false);
      if (this.starts('[[')) return this.enter('test', 'test', 2);
      if (this.starts('((')) return this.enter('arithmetic', 'arithmetic', 2, 2);
    }
    if (/[<>]/.test(character) && this.line[this.at + 1] !== '(') this.beginTarget();
    if (this.starts('<<<')) return this.pass(3, true);
    if (this.starts('<<')) return this.takeHereDocument();
    if (character === '(') return this.takeParenthesis();
    if (character === ')' && this.frames.length > 1) {
      this.endCommand();
      if (this.frames.pop()!.isInWord) return this.pass(1);
    }
    if (character === '[' && !(this.isWordStart && /\s/.test(this.line[this.at + 1] ?? ' ')))
      this.top.command.isSubscript = true;
    if (character === ']') this.top.command.isSubscript = false;
    if (/[\s;&|()<>]/.test(character)) this.endWord();
    if (/[;&|\n()]/.test(character) && !this.isRedirection) this.endCommand();
    if (character === '\n' && this.hereDocuments.length > 0) return this.takeHereDocuments();
    this.pass(1, /[\s;&|()<>]/.test(character));
  }

  /** Whether `&` or `|` belongs to a redirection. */
  private get isRedirection(): boolean {
    const [before = '', character, after] = [
      this.line[this.at - 1],
      this.line[this.at],
      this.line[this.at + 1],
    ];
    if (character === '&') return /[<>]/.test(before) || after === '>';
    return character === '|' && before === '>';
  }

  private takeParenthesis(): void {
    const before = this.line[this.at - 1] ?? ' ';
    if (/[\s;&|()]/.test(before)) return this.enter('commands', undefined, 1);
    const { command } = this.top;
    command.word ??= { at: this.at - 1, from: this.found.length, expands: false };
    this.enter('commands', /[<>=$]/.test(before) ? undefined : 'glob', 1, 0, true);
  }

  private placeInWord({ offset, length }: PlacedPlaceholder): UnsafePlace | undefined {
    const { line, top } = this;
    if (top.kind !== 'commands') return undefined;
    if (/^&?[<>]/.test(line.slice(offset + length, offset + length + 2))) return 'redirection';
    if (/[<>]&\s*[\d-]*$/.test(line.slice(Math.max(0, offset - 64), offset))) return 'redirection';
    return top.command.isSubscript ? 'subscript' : undefined;
  }

  private beginWord(): void {
    const { command } = this.top;
    const word = this.match(/(?:\\[\s\S]|'[^']*'|"[^"]*"|[^\s;&|()<>'"\\])*/y)[0];
    if (unquoted(word) === '--') command.endsOptions = true;
    if (unquoted(word) === 'case' && this.frames.length > 1) this.isLost = true;
    if (word !== '') command.word ??= { at: this.at, from: this.found.length, expands: false };
  }

  private endWord(): void {
    const { command } = this.top;
    if (!command.word) return;
    const { at, from, expands } = command.word;
    const text = unquoted(this.line.slice(at, this.at));
    command.word = undefined;
    if (text === '') return;
    command.words.push({ text, from, to: this.found.length, isTarget: command.isTarget, expands });
    command.isTarget = false;
  }

  /** What follows is redirected to or from; a number that precedes it is no word. */
  private beginTarget(): void {
    const { command } = this.top;
    if (command.word && /^\d+$/.test(this.line.slice(command.word.at, this.at))) command.word = undefined;
    this.endWord();
    command.isTarget = true;
  }

  private endCommand(): void {
    const { top } = this;
    if (top.kind !== 'commands') return;
    this.endWord();
    const { from, words } = top.command;
    const judged = judgeCommand(words, { from, to: this.found.length });
    for (const range of judged.refused) this.refuse(range, range.place);
    this.stored.push(...judged.stored);
    this.evaluatesVariables ||= judged.evaluatesVariables;
    this.evaluatesStored ||= judged.evaluatesStored;
    top.command = command(this.found.length);
  }

  private takeArithmetic(character: string): void {
    const { top } = this;
    if (character === '(') top.depth++;
    if (character === ')' && --top.depth === 0) this.frames.pop();
    this.pass(1);
  }

  /** An expansion or a substitution, which may be nested in double quotes. */
  private takeDollar(): boolean {
    for (const { command } of this.frames) if (command.word) command.word.expands = true;
    if (this.starts('$((')) this.enter('arithmetic', 'arithmetic', 3, 2);
    else if (this.starts('$(')) this.enter('commands', undefined, 2, 0, true);
    else if (this.starts('${')) this.enter('expansion', 'expansion', 2);
    else if (this.dialect.dollarQuotes && this.starts("$'") && this.top.kind !== 'quotes' && !this.isQuoted)
      this.takeRaw("'", 2, 'singleQuotes', true);
    else return false;
    return true;
  }

  private takeEscape(place: UnsafePlace = 'backslash'): void {
    const { isWordStart } = this;
    this.pass(1);
    // A line that goes on is one.
    if (!this.takePlaceholder(place)) this.pass(1, isWordStart && this.line[this.at] === '\n');
  }

  /** Everything up to `end`, after the `begin` characters that open it. */
  private takeRaw(end: string, begin: number, place: UnsafePlace, hasEscapes: boolean): void {
    this.pass(begin);
    while (this.at < this.line.length && this.line[this.at] !== end) {
      if (this.takePlaceholder(place)) continue;
      if (hasEscapes && this.line[this.at] === '\\') this.takeEscape(place);
      else this.pass(1);
    }
    // What ends a comment belongs to the commands.
    if (end !== '\n') this.pass(1);
  }

  private takeHereDocument(): void {
    const [start, dash, written = ''] = this.match(
      /<<(-?)[^\S\n]*((?:\\[\s\S]|'[^']*'|"[^"]*"|[^\s;&|<>()'"\\])*)/y,
    );
    this.hereDocuments.push({
      delimiter: written.replace(/\\([\s\S])|['"]/g, '$1'),
      stripsTabs: dash !== '',
      joinsLines: !/[\\'"]/.test(written),
    });
    this.top.command.isTarget = false;
    const end = this.at + start.length;
    while (this.at < end) if (!this.takePlaceholder('hereDocument')) this.pass(1);
  }

  private takeHereDocuments(): void {
    this.pass(1, true);
    for (const { delimiter, stripsTabs, joinsLines } of this.hereDocuments.splice(0)) {
      let isEnd = false;
      // Shells differ in whether joined lines can be the delimiter: then the rest counts as the document.
      let isJoined = false;
      while (!isEnd && this.at < this.line.length) {
        const next = this.line.indexOf('\n', this.at);
        const end = next < 0 ? this.line.length : next;
        const text = this.line.slice(this.at, end);
        isEnd = !isJoined && (stripsTabs ? text.replace(/^\t+/, '') : text) === delimiter;
        isJoined = joinsLines && /(?<!\\)(?:\\\\)*\\$/.test(text);
        while (this.at < end) if (!this.takePlaceholder('hereDocument')) this.pass(1);
        this.pass(1, true);
      }
    }
  }

  private takePlaceholder(place: UnsafePlace | undefined): boolean {
    const next = this.placed[this.found.length];
    if (next?.offset !== this.at) return false;
    this.found.push({
      ...next,
      place: place ?? this.placeInWord(next) ?? (this.isLost ? 'case' : undefined),
      beginsWord: this.isWordStart && !this.top.command.endsOptions,
    });
    // What follows directly begins the word if the value is empty.
    this.pass(next.length, this.isWordStart);
    return true;
  }

  private enter(
    kind: Frame['kind'],
    place: UnsafePlace | undefined,
    length: number,
    depth = 0,
    isInWord = false,
  ): void {
    this.push(kind, place, depth, isInWord);
    this.pass(length, true);
  }

  private push(kind: Frame['kind'], place: UnsafePlace | undefined, depth = 0, isInWord = false): void {
    this.frames.push(frame(kind, this.top.place ?? place, this.found.length, depth, isInWord));
  }

  private starts(text: string): boolean {
    return this.line.startsWith(text, this.at);
  }

  /** What a sticky expression that also matches nothing finds here. */
  private match(expression: RegExp): RegExpExecArray {
    expression.lastIndex = this.at;
    return expression.exec(this.line)!;
  }

  private pass(length: number, isWordStart = false): void {
    this.at += length;
    this.isWordStart = isWordStart;
  }
}

function frame(
  kind: Frame['kind'],
  place: UnsafePlace | undefined,
  from: number,
  depth = 0,
  isInWord = false,
): Frame {
  return { kind, place, depth, isInWord, command: command(from) };
}

function command(from: number): Command {
  return { from, words: [], word: undefined, isTarget: false, isSubscript: false, endsOptions: false };
}

function unquoted(word: string): string {
  return word.replace(/\\\n|\$(?=['"])|[\\'"]/g, '');
}
