import {
  Alias,
  Composer,
  Document,
  isMap,
  type Node,
  Pair,
  Parser,
  Scalar,
  visit,
  YAMLMap,
  YAMLSeq,
} from 'yaml';
import type { Steps } from '../steps';

/** Duplicate keys and merges are found by who reads the entries. */
export const composing = { uniqueKeys: false, prettyErrors: false, merge: false } as const;

/** Deeper nesting is left to the library: inventories have less, and what is within may be read once for each level. */
const maxDepth = 8;
/** Entries that are read between two yields. */
const stride = 32;

const beyondAscii = String.raw`\u00a1-\u1fff\u3001-\ud7ff`;
const plainKey = String.raw`[A-Za-z0-9_${beyondAscii}][A-Za-z0-9_./@+${beyondAscii}-]{0,500}|<<`;
const quotedText = String.raw`"[^"\\\x00-\x1f]*"|'[^'\x00-\x1f]*'`;
const startOfPlain = String.raw`(?=[A-Za-z0-9_./~+$(${beyondAscii}])`;
const blockWord = String.raw`(?:[!-"$-9;-~${beyondAscii}]|:(?=[!-~${beyondAscii}]))+`;
const flowCharacters = String.raw`!-"$-+\--9;-Z\\^-z|~${beyondAscii}`;
const flowWord = String.raw`(?:[${flowCharacters}]|:(?=[${flowCharacters}:]))+`;

const patterns = {
  key: new RegExp(
    String.raw`(${plainKey}|"[^"\\\x00-\x1f]{0,500}"|'[^'\x00-\x1f]{0,500}'):(?: +|(?=\r?\n|$))`,
    'y',
  ),
  quoted: new RegExp(quotedText, 'y'),
  blockPlain: new RegExp(`${startOfPlain}${blockWord}(?: +${blockWord})*`, 'y'),
  flowPlain: new RegExp(`${startOfPlain}${flowWord}(?: +${flowWord})*`, 'y'),
  alias: /\*[\w-]+(?=[ \r\n]|$)/y,
  anchor: /&[\w-]+(?: +|(?=\r?\n|$))/y,
  spaces: / */y,
  comma: / *, */y,
  /** The end of a document, and a line of blanks with a tab. */
  mattersBelow: /^(?:(?:---|\.\.\.)(?![^ \t\r\n])| *\t[ \t]*\r?$)/m,
  documentStart: /---(?: +#[^\n]*| *)(?:\r?\n|$)/y,
  endOfLine: /( +#[^\n]*| *)(?:\r?\n|$)/y,
  restOfLine: /[^\n]*(?:\n|$)/y,
};

interface Comment {
  readonly indent: number;
  /** Behind its line. */
  readonly end: number;
}

/** The value of an entry, and where the mapping ends if it is the last one. */
interface Ending {
  /** Behind the value and the comments that the library takes for its own. */
  readonly end: number;
  /** Behind the comments that belong to the mapping, which are after its last value. */
  readonly outerEnd: number;
}

/**
 * Reads what inventories mostly consist of (mappings in block style, with a value on the line of its key or a mapping below)
 * in a fraction of the time that the library takes, and into the nodes that it makes of them, places included. An entry
 * that has anything else in it is left to the library, alone. Undefined where that would not do: for all that is not one
 * document with one mapping, and for any mistake, as the library has the words for it.
 */
export function* readingPlainYaml(text: string): Steps<YAMLMap | undefined> {
  return yield* new PlainReader(text).document();
}

interface Found {
  readonly value: Value;
  readonly ending: Ending;
}

type Value = Scalar | Alias | YAMLMap | YAMLSeq;

class PlainReader {
  /** The start of a line. */
  private line = 0;
  /** The first character of the line that is not a space, or the end of the text. */
  private content = 0;
  /** On lines of their own since the entry that was read last. */
  private comments: Comment[] = [];
  /** Within a line. */
  private at = 0;
  private count = 0;
  private hasMistake = false;

  constructor(private readonly text: string) {}

  *document(): Steps<YAMLMap | undefined> {
    this.nextLine(0);
    if (this.content === this.line && this.passes(patterns.documentStart, this.line))
      this.nextLine(patterns.documentStart.lastIndex);
    if (this.isAtEnd) return undefined;
    const map = yield* this.mapping(0);
    return this.isAtEnd ? map : undefined;
  }

  private get isAtEnd(): boolean {
    return this.content === this.text.length;
  }

  private get indent(): number {
    return this.content - this.line;
  }

  private passes(pattern: RegExp, from: number): boolean {
    pattern.lastIndex = from;
    return pattern.test(this.text);
  }

  /** Goes to the first line from `line` on that has more than a comment. */
  private nextLine(line: number): void {
    this.comments = [];
    for (this.line = line; ; this.line = patterns.restOfLine.lastIndex) {
      this.passes(patterns.spaces, this.line);
      this.content = patterns.spaces.lastIndex;
      const first = this.text[this.content];
      const isEmpty = first === '\n' || this.text.startsWith('\r\n', this.content);
      if (first === undefined || (first !== '#' && !isEmpty)) return;
      this.passes(patterns.restOfLine, this.content);
      if (first === '#') this.comments.push({ indent: this.indent, end: patterns.restOfLine.lastIndex });
    }
  }

  /** The mapping that begins on this line. */
  private *mapping(depth: number): Steps<YAMLMap | undefined> {
    const { indent, content: start } = this;
    const map = new YAMLMap();
    let ending: Ending | undefined;
    while (!this.isAtEnd && this.indent === indent) {
      ending = (yield* this.entry(map, depth)) ?? (this.hasMistake ? undefined : this.leave(map, indent));
      if (!ending) return undefined;
      if (++this.count % stride === 0) yield;
    }
    if (!ending || this.indent > indent) return undefined;
    map.range = [start, ending.end, this.behindComments(indent, ending)];
    return map;
  }

  /** Undefined, and the line is the same, for an entry that is not plain. */
  private *entry(map: YAMLMap, depth: number): Steps<Ending | undefined> {
    const { line, content } = this;
    const key = depth > maxDepth ? undefined : this.key(content);
    const anchor = key && this.anchor();
    if (key) {
      const isBeside = !this.passes(patterns.endOfLine, this.at);
      const found = isBeside ? this.beside(depth) : yield* this.below(depth, anchor !== undefined);
      if (found && !(anchor !== undefined && found.value instanceof Alias)) {
        if (anchor !== undefined) (found.value as Scalar).anchor = anchor;
        map.items.push(new Pair<unknown, unknown>(key, found.value));
        return found.ending;
      }
    }
    this.line = line;
    this.content = content;
    return undefined;
  }

  /** The value on the line of its key. */
  private beside(depth: number): Found | undefined {
    const { indent } = this;
    const value = this.value(patterns.blockPlain, depth);
    if (!value || !this.passes(patterns.endOfLine, this.at)) return undefined;
    let end = patterns.endOfLine.lastIndex;
    this.nextLine(end);
    const goesOn = !this.isAtEnd && this.indent > indent;
    // The library takes comments that are indented more than the entries for a part of the value before them.
    for (const comment of this.comments) {
      if (comment.indent <= indent) break;
      end = comment.end;
    }
    return goesOn ? undefined : { value, ending: { end, outerEnd: end } };
  }

  /** The mapping below its key, or nothing. */
  private *below(depth: number, hasAnchor: boolean): Steps<Found | undefined> {
    const { indent, at } = this;
    const hasComment = this.text.slice(at, patterns.endOfLine.lastIndex).trim() !== '';
    this.nextLine(patterns.endOfLine.lastIndex);
    if (!this.isAtEnd && this.indent > indent) {
      const value = yield* this.mapping(depth + 1);
      const [, , end] = value?.range ?? [0, 0, 0];
      return value && { value, ending: { end, outerEnd: end } };
    }
    // A list may be indented as its key is.
    if (hasAnchor || (this.indent === indent && this.text[this.content] === '-')) return undefined;
    const value = placed(Object.assign(new Scalar(null), { source: '', type: Scalar.PLAIN }), at, at);
    const end = hasComment || this.comments.length > 0 ? this.content : at;
    return { value, ending: { end, outerEnd: end } };
  }

  /** Behind the comments after the last entry, which the library leaves to its mapping unless all are indented less. */
  private behindComments(indent: number, { end, outerEnd }: Ending): number {
    if (outerEnd > end || indent === 0) return outerEnd;
    const areWithin = this.comments.some((comment) => comment.end > end && comment.indent >= indent);
    return areWithin ? this.content : end;
  }

  /** Leaves the entry on this line, and all up to the next that begins as one, to the library. */
  private leave(map: YAMLMap, indent: number): Ending | undefined {
    const { line } = this;
    if (!this.passes(patterns.key, this.content)) return undefined;
    do {
      this.passes(patterns.restOfLine, this.content);
      this.nextLine(patterns.restOfLine.lastIndex);
    } while (!this.isAtEnd && (this.indent > indent || !this.passes(patterns.key, this.content)));
    const entries = this.text.slice(line, this.content);
    // Whether these are a mistake depends on what comes after them, which the library would not see.
    const found = patterns.mattersBelow.test(entries) ? undefined : composedEntries(entries, line);
    this.hasMistake = !found;
    if (!found) return undefined;
    for (const item of found.items) map.items.push(item);
    const [, end, outerEnd] = found.range!;
    return { end, outerEnd };
  }

  private key(from: number): Scalar | undefined {
    patterns.key.lastIndex = from;
    const [, written] = patterns.key.exec(this.text) ?? [];
    if (written === undefined) return undefined;
    this.at = patterns.key.lastIndex;
    return scalarAt(from, written);
  }

  private anchor(): string | undefined {
    const from = this.at + 1;
    if (!this.passes(patterns.anchor, this.at)) return undefined;
    this.at = patterns.anchor.lastIndex;
    return this.text.slice(from, this.at).trimEnd();
  }

  private value(plain: RegExp, depth: number): Value | undefined {
    const from = this.at;
    switch (this.text[from]) {
      case '{':
        return this.flow(new YAMLMap(), '}', depth, () => this.flowPair(depth));
      case '[':
        return this.flow(new YAMLSeq(), ']', depth, () => this.value(patterns.flowPlain, depth + 1));
      case '*':
        if (plain === patterns.flowPlain || !this.passes(patterns.alias, from)) return undefined;
        this.at = patterns.alias.lastIndex;
        return placed(new Alias(this.text.slice(from + 1, this.at)), from, this.at);
      case '"':
      case "'":
        return this.scalar(patterns.quoted);
      case undefined:
      default:
        return this.scalar(plain);
    }
  }

  private scalar(pattern: RegExp): Scalar | undefined {
    const from = this.at;
    if (!this.passes(pattern, from)) return undefined;
    this.at = pattern.lastIndex;
    return scalarAt(from, this.text.slice(from, this.at));
  }

  private flow<Collection extends YAMLMap | YAMLSeq>(
    collection: Collection,
    close: string,
    depth: number,
    read: () => unknown,
  ): Collection | undefined {
    const from = this.at;
    this.pass(patterns.spaces, from + 1);
    while (depth <= maxDepth && this.text[this.at] !== close) {
      const item = read();
      if (item === undefined) return undefined;
      (collection.items as unknown[]).push(item);
      if (this.passes(patterns.comma, this.at)) {
        this.at = patterns.comma.lastIndex;
        // One before the end is the library's business.
        if (this.text[this.at] === close) return undefined;
      } else {
        this.pass(patterns.spaces, this.at);
        if (this.text[this.at] !== close) return undefined;
      }
    }
    if (this.text[this.at] !== close) return undefined;
    return placed(collection, from, ++this.at);
  }

  private pass(pattern: RegExp, from: number): void {
    this.passes(pattern, from);
    this.at = pattern.lastIndex;
  }

  private flowPair(depth: number): Pair | undefined {
    const key = this.key(this.at);
    const value = key && this.value(patterns.flowPlain, depth + 1);
    return value && new Pair<unknown, unknown>(key, value);
  }
}

function placed<Placed extends Node>(node: Placed, start: number, end: number): Placed {
  node.range = [start, end, end];
  return node;
}

/** The first letters of what may be a number, `true`, `false` or `null`. */
const perhapsTyped = /^[0-9.+~tfnTFN]/;
const { tags } = new Document(undefined, composing).schema;

function scalarAt(from: number, written: string): Scalar {
  const quote = written[0];
  const isQuoted = quote === '"' || quote === "'";
  const source = isQuoted ? written.slice(1, -1) : written;
  const scalar = isQuoted || !perhapsTyped.test(written) ? new Scalar(source) : typedScalar(source);
  scalar.type = !isQuoted ? Scalar.PLAIN : quote === '"' ? Scalar.QUOTE_DOUBLE : Scalar.QUOTE_SINGLE;
  scalar.source = source;
  return placed(scalar, from, from + written.length);
}

function typedScalar(source: string): Scalar {
  for (const tag of tags) {
    if (tag.collection || tag.default !== true || !tag.test?.test(source)) continue;
    const value: unknown = tag.resolve(source, () => undefined, {});
    return value instanceof Scalar ? value : new Scalar(value);
  }
  return new Scalar(source);
}

/** A part of a text in the library's words, if it is one mapping without a mistake. */
function composedEntries(text: string, offset: number): YAMLMap | undefined {
  const [document, ...others] = new Composer(composing).compose(new Parser().parse(text), true, text.length);
  const { contents, errors, warnings } = document as Document.Parsed;
  if (others.length + errors.length + warnings.length > 0 || !isMap(contents)) return undefined;
  visit(contents, {
    Node: (_, node) => {
      const [start, end, outerEnd] = node.range!;
      node.range = [start + offset, end + offset, outerEnd + offset];
    },
  });
  return contents;
}
