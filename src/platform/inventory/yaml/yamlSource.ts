import { Composer, isAlias, isMap, isPair, isScalar, isSeq, Lexer, LineCounter, Parser, visit } from 'yaml';
import type { CST, Document, Node, Pair, YAMLMap, YAMLParseError } from 'yaml';
import { t, text } from '../../l10n/l10n';
import type { Problem, SourceRange } from '../model';
import { composing, readingPlainYaml } from './plainYaml';
import { type ProblemDetails, problemOf } from './problemReport';
import { finish, type Steps } from '../steps';

/** Deeper nesting is refused: it would exhaust the stack. */
const maxDepth = 60;
/** Nodes visited in one value and in one file, aliases followed; what a bomb of aliases runs into. */
const maxNodes = 100_000;
const maxNodesInFile = 5_000_000;
/** Problems kept from one file. */
const maxProblems = 1000;

/** A key of a mapping with its value, aliases followed and merges (`<<`) resolved. */
export interface Entry {
  key: string;
  keyNode: Node;
  value: Node | null;
}

/** What is in a file, and what is wrong with its grammar. */
type YamlDocument = Pick<Document.Parsed, 'errors' | 'warnings'> & { contents: Node | null };

/** A YAML file with the place of everything in it; collects the problems found in it. */
export class YamlSource {
  readonly problems: Problem[] = [];
  private readonly targets = new Map<Node, Node>();
  private readonly entriesOf = new WeakMap<Node, Entry[]>();
  private readonly syntaxProblems = new Set<Problem>();
  private visited = 0;
  private visitedInFile = 0;

  constructor(
    readonly file: string,
    readonly text: string,
    private readonly lines: LineCounter,
    private readonly document: YamlDocument | undefined,
  ) {
    this.findLostCharacter();
    if (!document) return;
    for (const error of document.errors) this.addSyntaxProblem('error', error);
    for (const warning of document.warnings) this.addSyntaxProblem('warning', warning);
    if (document.contents && text.includes('*')) this.linkAliases(document.contents);
  }

  /** A file that was read as UTF-8 and is not would be used with what came of it. */
  private findLostCharacter(): void {
    const lost = this.text.indexOf('\uFFFD');
    if (lost < 0) return;
    const isWide = /^\uFFFD\uFFFD?.?\0/.test(this.text);
    const message = isWide
      ? t('the file is UTF-16: save it as UTF-8')
      : t('the file is not UTF-8 from here on: save it as UTF-8');
    this.add('error', message, this.rangeBetween(lost, lost + 1));
    this.syntaxProblems.add(this.problems.at(-1)!);
  }

  get root(): Node | null {
    return this.resolve(this.document?.contents ?? null);
  }

  add(...details: ProblemDetails): void {
    if (this.problems.length < maxProblems) this.problems.push(problemOf(...details));
  }

  /** The file is of another kind: that is said once, in place of everything about what is in it. */
  refuse(message: string, range = this.rangeBetween(0, 0)): void {
    // Where the grammar is broken, that may be all that is wrong; it is said without what stands there.
    const [first] = this.problems;
    this.problems.length = 0;
    if (first && this.syntaxProblems.has(first)) this.problems.push(first);
    else this.add('error', message, range);
  }

  /** Where a node stands; an empty one stands at the place it was expected. */
  rangeOf(node: Node | null | undefined): SourceRange {
    const [start, end] = node?.range ?? [0, 0];
    return this.rangeBetween(start, end);
  }

  rangeBetween(start: number, end: number): SourceRange {
    const from = this.lines.linePos(start);
    const to = this.lines.linePos(end);
    return {
      file: this.file,
      line: Math.max(1, from.line),
      column: Math.max(1, from.col),
      endLine: Math.max(1, to.line),
      endColumn: Math.max(1, to.col),
    };
  }

  /** The part of a scalar from `offset` on, if it is written in the file as it reads; else the whole scalar. */
  rangeWithin(node: Node, offset: number, length = Infinity): SourceRange {
    const [start, end] = node.range ?? [0, 0];
    const written = this.text.slice(start, end);
    const value = isScalar(node) ? String(node.value) : undefined;
    const quote = written === value ? 0 : written.slice(1, -1) === value ? 1 : undefined;
    if (quote === undefined || offset >= written.length) return this.rangeOf(node);
    const from = start + quote + offset;
    return this.rangeBetween(from, Math.min(from + length, end - quote));
  }

  /** Follows an alias to what it stands for. */
  resolve(node: unknown): Node | null {
    let current = (node ?? null) as Node | null;
    for (let hops = 0; current && isAlias(current) && hops < maxDepth; hops++) {
      current = this.targets.get(current) ?? null;
    }
    return current && isAlias(current) ? null : current;
  }

  /** What a node is, whatever it holds; nothing at all and `null` are empty. */
  kindOf(node: Node | null): 'mapping' | 'list' | 'scalar' | 'empty' {
    const resolved = this.resolve(node);
    if (isMap(resolved)) return 'mapping';
    if (isSeq(resolved)) return 'list';
    return isScalar(resolved) && resolved.value !== null ? 'scalar' : 'empty';
  }

  /**
   * The entries of a mapping in order. Keys that are no text become problems; of a repeated key the first counts,
   * the others are a problem too, named by `noun` if given ("duplicate host …").
   */
  entries(node: Node | null, noun = text('key')): readonly Entry[] {
    const map = this.resolve(node);
    if (!isMap(map)) return [];
    let entries = this.entriesOf.get(map);
    if (!entries) this.entriesOf.set(map, (entries = this.readEntries(map, noun)));
    return entries;
  }

  private readEntries(map: YAMLMap, noun: string): Entry[] {
    const entries = new Map<string, Entry>();
    const merged: Entry[] = [];
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const key = this.resolve(pair.key);
      if (isScalar(key) && key.value === '<<' && key.type === 'PLAIN') {
        merged.push(...this.mergedEntries(pair.value));
        continue;
      }
      const name = scalarText(key);
      if (name === undefined || !key) {
        this.add(
          'error',
          t('the name of a {0} must be text', t(noun)),
          this.rangeOf(key ?? pair.value ?? map),
        );
      } else if (entries.has(name)) {
        const first = this.rangeOf(entries.get(name)!.keyNode);
        this.add(
          'error',
          t('duplicate {0} “{1}”: the first is in line {2}', t(noun), name, first.line),
          this.rangeOf(key),
        );
      } else {
        entries.set(name, { key: name, keyNode: key, value: this.resolve(pair.value) });
      }
    }
    for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry);
    return [...entries.values()];
  }

  private mergedEntries(value: unknown, depth = 0): Entry[] {
    const node = this.resolve(value);
    if (depth > maxDepth || !this.mayVisit()) return [];
    if (isSeq(node)) return node.items.flatMap((item) => this.mergedEntries(item, depth + 1));
    if (!isMap(node)) {
      this.add('error', t('“<<” merges mappings only'), this.rangeOf(node ?? (value as Node)));
      return [];
    }
    return (node.items as Pair<Node, Node | null>[]).flatMap((pair) => {
      const key = this.resolve(pair.key);
      const name = scalarText(key);
      if (name === undefined || !key) return [];
      if (name === '<<') return this.mergedEntries(pair.value, depth + 1);
      return [{ key: name, keyNode: key, value: this.resolve(pair.value) }];
    });
  }

  items(node: Node | null): (Node | null)[] {
    const sequence = this.resolve(node);
    return isSeq(sequence) ? sequence.items.map((item) => this.resolve(item)) : [];
  }

  /** The plain value of a node. Prototype keys are data like any other. @throws RangeError when nested or repeated without bound */
  plain(node: Node | null, depth = 0): unknown {
    const resolved = this.resolve(node);
    if (depth > maxDepth) throw new RangeError(t('nested too deeply, or an alias that contains itself'));
    if (depth === 0) this.visited = 0;
    if (!this.mayVisit()) throw new RangeError(t('too many values: are there aliases of aliases?'));
    if (isMap(resolved)) {
      const entries = this.entries(resolved).map(
        ({ key, value }) => [key, this.plain(value, depth + 1)] as const,
      );
      return Object.fromEntries(entries);
    }
    if (isSeq(resolved)) return resolved.items.map((item) => this.plain(item as Node | null, depth + 1));
    return isScalar(resolved) ? resolved.value : null;
  }

  private mayVisit(): boolean {
    return ++this.visited <= maxNodes && ++this.visitedInFile <= maxNodesInFile;
  }

  /** Notes the anchor of every alias in one walk; the library's own look-up walks the document for each. */
  private linkAliases(contents: Node): void {
    const anchors = new Map<string, Node>();
    visit(contents, {
      Node: (_, node) => {
        if (isAlias(node)) {
          const target = anchors.get(node.source);
          if (target) this.targets.set(node, target);
          else this.add('error', t('no anchor of this name before the alias'), this.rangeOf(node));
        } else if ('anchor' in node && node.anchor) anchors.set(node.anchor, node);
      },
    });
  }

  private addSyntaxProblem(
    severity: Problem['severity'],
    error: YAMLParseError | { message: string; pos: [number, number] },
  ): void {
    const message = withoutContent(error.message.replace(/ at line \d+, column \d+[^]*$/, '')).trimEnd();
    this.add(severity, message.charAt(0).toLowerCase() + message.slice(1), this.rangeBetween(...error.pos));
    this.syntaxProblems.add(this.problems.at(-1)!);
  }
}

/** What the library says about a mistake without what it quotes of the file, which may be of any kind. */
function withoutContent(message: string): string {
  return message
    .replace(/\b(tag|stream|characters|before the alias\)): [^]*$/i, '$1')
    .replace(/\b(directive|escape sequence|YAML version) [^]*$/i, '$1');
}

/** A scalar as it is written (`01`, `1.10`, `true`), or undefined for anything else, null included. */
export function scalarText(node: Node | null): string | undefined {
  if (!isScalar(node) || node.value === null || node.value === undefined) return undefined;
  return typeof node.value === 'string' ? node.value : (node.source ?? '');
}

/** Every string scalar below `node`, mapping keys left out. */
export function stringNodes(source: YamlSource, node: Node | null): { node: Node; text: string }[] {
  const found: { node: Node; text: string }[] = [];
  const seen = new Set<Node>();
  const walk = (current: Node | null): void => {
    const resolved = source.resolve(current);
    if (!resolved || seen.has(resolved)) return;
    seen.add(resolved);
    if (isScalar(resolved) && typeof resolved.value === 'string')
      found.push({ node: resolved, text: resolved.value });
    else if (isMap(resolved))
      for (const pair of resolved.items) walk(isPair(pair) ? (pair.value as Node | null) : null);
    else if (isSeq(resolved)) for (const item of resolved.items) walk(item as Node | null);
  };
  walk(node);
  return found;
}

/**
 * Parses YAML, yielding now and then so that a caller can let others run. What is not plain throughout is parsed by the
 * library: the grammar of the file first, then its one document at once. Never throws for bad text: the source holds the
 * problems.
 */
export function* parsingYaml(rawText: string, file: string): Steps<YamlSource> {
  const text = rawText.replace(/^\uFEFF/, '');
  const lines = linesOf(text);
  try {
    const contents = yield* readingPlainYaml(text);
    if (contents) return new YamlSource(file, text, lines, { contents, errors: [], warnings: [] });
    const [document, second] = yield* composingDocuments(text);
    const source = new YamlSource(file, text, lines, document);
    if (second) {
      const [start] = second.contents?.range ?? second.range;
      source.add('error', t('only one YAML document may be in the file'), source.rangeBetween(start, start));
    }
    return source;
  } catch (error) {
    // The library recurses; only nesting beyond reason gets here.
    const source = new YamlSource(file, text, lines, undefined);
    const why =
      error instanceof RangeError
        ? t('nested too deeply')
        : error instanceof Error
          ? error.message
          : String(error);
    source.add('error', t('cannot be read as YAML: {0}', why), source.rangeBetween(0, 0));
    return source;
  }
}

function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  for (let start = 0; start >= 0; start = text.indexOf('\n', start) + 1 || -1) lines.addNewLine(start);
  return lines;
}

/** @throws RangeError when nested too deeply */
function* composingDocuments(text: string): Steps<Document.Parsed[]> {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (++lexemes % 4000 === 0) yield;
  }
  tokens.push(...parser.end());
  const documents = [...new Composer(composing).compose(tokens, true, text.length)] as Document.Parsed[];
  const exhausted = documents[0]?.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (exhausted) throw new RangeError(exhausted.message);
  return documents;
}

export function parseYaml(text: string, file: string): YamlSource {
  return finish(parsingYaml(text, file));
}
