import { placedPlaceholders, type PlacedPlaceholder } from './placeholders';

/** Where a word that is quoted already would not stay one word. */
export type UnsafePlace =
  | 'singleQuotes'
  | 'doubleQuotes'
  | 'backticks'
  | 'hereDocument'
  | 'comment'
  | 'expansion'
  | 'backslash'
  | 'arithmetic'
  | 'test'
  | 'evaluation'
  | 'case';

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

interface Frame {
  readonly kind: 'commands' | 'quotes' | 'expansion' | 'arithmetic' | 'test';
  /** What it is unsafe for, whatever is nested in it. */
  readonly place: UnsafePlace | undefined;
  /** Parentheses that are open, of arithmetic. */
  depth: number;
  /** Of this simple command: its name comes next; it evaluates its words again; `--` has ended its options. */
  isAtName: boolean;
  evaluates: boolean;
  endsOptions: boolean;
}

/** What may stand before the name of a command. */
const beforeName = /^(?:if|then|elif|else|while|until|do|time|command|builtin|[!{]|\w+=\S*)$/;
/** Commands that evaluate their words once more; to bash also subscripts in the names of variables. */
const evaluating = /^(?:eval|let|trap|declare|typeset|local|read|unset)$/;

/** Reads a command line as far as it takes to know what is quoted. What it cannot follow counts as unsafe. */
class Scanner {
  private at = 0;
  private readonly frames: Frame[] = [frame('commands', undefined)];
  private readonly found: ShellPlaceholder[] = [];
  private readonly hereDocuments: { readonly delimiter: string; readonly stripsTabs: boolean }[] = [];
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
    return this.found;
  }

  private get top(): Frame {
    return this.frames.at(-1)!;
  }

  private step(): void {
    const { line, top } = this;
    const character = line[this.at]!;
    if (this.isWordStart && top.kind === 'commands') this.beginWord();
    if (this.takePlaceholder(top.evaluates ? 'evaluation' : top.place)) return;
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
    if (this.starts('<<<')) return this.pass(3, true);
    if (this.starts('<<')) return this.takeHereDocument();
    if (character === '(') return this.enter('commands', undefined, 1);
    if (character === ')' && this.frames.length > 1) this.frames.pop();
    if (/[;&|\n()]/.test(character)) {
      this.top.isAtName = true;
      this.top.evaluates = this.top.endsOptions = false;
    }
    if (character === '\n' && this.hereDocuments.length > 0) return this.takeHereDocuments();
    this.pass(1, /[\s;&|()<>]/.test(character));
  }

  private beginWord(): void {
    const { top } = this;
    const word = this.match(/(?:\\[\s\S]|'[^']*'|"[^"]*"|[^\s;&|()<>'"\\])*/y)[0].replace(/\\\n|[\\'"]/g, '');
    if (word === '--') top.endsOptions = true;
    if (word === 'case' && this.frames.length > 1) this.isLost = true;
    if (word === '' || !top.isAtName) return;
    top.evaluates = evaluating.test(word);
    top.isAtName = beforeName.test(word);
  }

  private takeArithmetic(character: string): void {
    const { top } = this;
    if (character === '(') top.depth++;
    if (character === ')' && --top.depth === 0) this.frames.pop();
    this.pass(1);
  }

  /** An expansion or a substitution, which may be nested in double quotes. */
  private takeDollar(): boolean {
    if (this.starts('$((')) this.enter('arithmetic', 'arithmetic', 3, 2);
    else if (this.starts('$(')) this.enter('commands', undefined, 2);
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
    });
    const end = this.at + start.length;
    while (this.at < end) if (!this.takePlaceholder('hereDocument')) this.pass(1);
  }

  private takeHereDocuments(): void {
    this.pass(1, true);
    for (const { delimiter, stripsTabs } of this.hereDocuments.splice(0)) {
      let isEnd = false;
      while (!isEnd && this.at < this.line.length) {
        const next = this.line.indexOf('\n', this.at);
        const end = next < 0 ? this.line.length : next;
        const text = this.line.slice(this.at, end);
        isEnd = (stripsTabs ? text.replace(/^\t+/, '') : text) === delimiter;
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
      place: place ?? (this.isLost ? 'case' : undefined),
      beginsWord: this.isWordStart && !this.top.endsOptions,
    });
    // What follows directly begins the word if the value is empty.
    this.pass(next.length, this.isWordStart);
    return true;
  }

  private enter(kind: Frame['kind'], place: UnsafePlace | undefined, length: number, depth = 0): void {
    this.push(kind, place, depth);
    this.pass(length, true);
  }

  private push(kind: Frame['kind'], place: UnsafePlace | undefined, depth = 0): void {
    const { top } = this;
    this.frames.push(frame(kind, top.place ?? (top.evaluates ? 'evaluation' : place), depth));
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

function frame(kind: Frame['kind'], place: UnsafePlace | undefined, depth = 0): Frame {
  return { kind, place, depth, isAtName: true, evaluates: false, endsOptions: false };
}
