import { isUtf8 } from 'node:buffer';
import {
  Composer,
  type CST,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  type Scalar,
} from 'yaml';
import { CST as Tokens } from 'yaml';
import type { Problem, SourceRange } from '../../../../platform/inventory/model';
import { finishBreathing, type Steps } from '../../../../platform/inventory/steps';
import { t } from '../../../../platform/l10n/l10n';
import { keyText } from '../keys/keyText';
import {
  maxFileBytes,
  maxFileKeys,
  type PrefixFile,
  type PrefixFileEntry,
  type PrefixFileHeader,
  prefixFileVersion,
} from './prefixFile';

/** Problems that are kept. */
const maxProblems = 100;
/** Deeper folders are refused: reading them would exhaust the stack. */
const maxDepth = 60;
/** How much is read at a time; a value is read at once, however long it is. */
const stretch = { lexemes: 4000, keys: 250, bytes: 256 * 1024 };

export interface ReadOptions {
  /** To name in problems. */
  file: string;
  /** What nested mappings of a file without header are joined with, in UTF-8. */
  separator: string;
  /** Keys that are read of a file; `maxFileKeys` unless given. */
  maxKeys?: number;
  signal?: AbortSignal;
}

/**
 * Reads a file of keys, YAML or JSON, in steps that let others run. Whatever is not understood, or stands there twice,
 * is a problem. @throws the reason of `signal`
 */
export function readPrefixFile(content: Buffer, options: ReadOptions): Promise<PrefixFile> {
  return finishBreathing(new Reader(options).read(content));
}

/** The mapping of a file before it is made into nodes, which cost far more memory. */
type MapToken = CST.BlockMap | CST.FlowCollection;

class Reader {
  private readonly problems: Problem[] = [];
  private readonly lines = new LineCounter();
  private readonly entries = new Map<string, PrefixFileEntry & { offset: number }>();
  private isFull = false;

  constructor(private readonly options: ReadOptions) {}

  *read(content: Buffer): Steps<PrefixFile> {
    let header: PrefixFileHeader | undefined;
    try {
      header = yield* this.readContent(content);
    } catch (error) {
      this.options.signal?.throwIfAborted();
      // The library recurses; only nesting beyond reason gets here.
      if (!(error instanceof RangeError)) throw error;
      this.add(0, t('cannot be read: nested too deeply'));
    }
    const entries = [...this.entries.values()].map(({ offset: _, ...entry }) => entry);
    yield;
    entries.sort((a, b) => a.name.compare(b.name));
    return { ...(header && { header }), entries, problems: this.problems };
  }

  private *readContent(content: Buffer): Steps<PrefixFileHeader | undefined> {
    this.lines.addNewLine(0);
    if (content.length > maxFileBytes) {
      this.add(0, t('the file is larger than {0} MiB', maxFileBytes / 1024 ** 2));
      return undefined;
    }
    if (!isUtf8(content)) {
      this.add(0, t('the file is not UTF-8'));
      return undefined;
    }
    const document = yield* this.parse(content.toString().replace(/^\uFEFF/, ''));
    if (!document) return undefined;
    const root = document.value;
    if (!isMapToken(root)) {
      this.add(root?.offset ?? 0, t('the file must be a mapping of keys to values'));
      return undefined;
    }
    const version = root.items.find((item) => nameOf(item) === 'muster');
    const text = version?.value && textOf(version.value);
    if (text?.startsWith('etcd-prefix/')) return yield* this.withHeader(document, root, text, version!);
    yield* this.inStretches(document, root, (pair) => this.plain(pair, [], 0));
    return undefined;
  }

  private *parse(text: string): Steps<CST.Document | undefined> {
    const parser = new Parser(this.lines.addNewLine);
    const tokens: CST.Token[] = [];
    let lexemes = 0;
    let bytes = 0;
    for (const lexeme of new Lexer().lex(text)) {
      for (const token of parser.next(lexeme)) tokens.push(token);
      bytes += lexeme.length;
      if (++lexemes < stretch.lexemes && bytes < stretch.bytes) continue;
      lexemes = bytes = 0;
      this.options.signal?.throwIfAborted();
      yield;
    }
    tokens.push(...parser.end());
    let document: CST.Document | undefined;
    for (const token of tokens) {
      if (token.type === 'document') {
        if (document) this.add(token.offset, t('only one document may be in the file'));
        document ??= token;
      } else if (token.type === 'error') this.add(token.offset, token.message);
      else if (token.type === 'directive') this.add(token.offset, t('directives of YAML are not read'));
    }
    if (!document) this.add(0, t('the file is empty'));
    return document;
  }

  private *withHeader(
    document: CST.Document,
    root: MapToken,
    version: string,
    at: CST.CollectionItem,
  ): Steps<PrefixFileHeader | undefined> {
    if (version !== prefixFileVersion) {
      this.add(
        at.value!.offset,
        t(
          '“{0}” is not a version that this Muster reads, which is {1}',
          keyText(Buffer.from(version)),
          prefixFileVersion,
        ),
      );
      return undefined;
    }
    const sections: { map: MapToken; isBinary: boolean }[] = [];
    // Looked at without what is in the large mappings.
    const items = (root.items as CST.CollectionItem[]).map((item) => {
      const name = nameOf(item);
      if ((name !== 'keys' && name !== 'base64Keys') || !isMapToken(item.value)) return item;
      sections.push({ map: item.value, isBinary: name === 'base64Keys' });
      return { ...item, value: { ...item.value, items: [] } };
    });
    const fields = this.fields(document, root, items);
    const header = this.header(fields, root.offset);
    for (const name of ['keys', 'base64Keys']) {
      const field = fields.get(name);
      // Nothing at all is what is left when the last key was taken out.
      if (field && !isMap(field) && scalarOf(field) !== '')
        this.add(offsetOf(field), t('“{0}” must be a mapping', name));
    }
    if (!fields.has('keys')) this.add(root.offset, t('there are no “keys”'));
    for (const { map, isBinary } of sections)
      yield* this.inStretches(document, map, (pair) => this.keyed(pair, isBinary));
    return header;
  }

  private fields(document: CST.Document, root: MapToken, items: CST.CollectionItem[]): Map<string, Node> {
    const fields = new Map<string, Node>();
    for (const { key, value } of this.compose(document, root, items)) {
      const name = scalarOf(key) ?? '';
      if (fields.has(name)) this.add(offsetOf(key), t('duplicate “{0}”', keyText(Buffer.from(name))));
      fields.set(name, value ?? key);
      if (!headerNames.has(name))
        this.add(offsetOf(key), t('“{0}” is not known here', keyText(Buffer.from(name))));
    }
    return fields;
  }

  private header(fields: ReadonlyMap<string, Node>, offset: number): PrefixFileHeader | undefined {
    const written = (name: string) => {
      const field = fields.get(name);
      const found = field && scalarOf(field);
      if (field && found === undefined) this.add(offsetOf(field), t('“{0}” must be text', name));
      return found;
    };
    const [cluster, prefix, prefixBase64, revision] = [
      written('cluster'),
      written('prefix'),
      written('prefixBase64'),
      written('revision'),
    ];
    const bytes = prefixBase64 === undefined ? undefined : bytesOf(prefixBase64);
    if (prefixBase64 !== undefined && !bytes)
      this.add(offsetOf(fields.get('prefixBase64')!), t('“{0}” is not Base64', 'prefixBase64'));
    if ((prefix === undefined) === (prefixBase64 === undefined))
      this.add(offset, t('there must be either “prefix” or “prefixBase64”'));
    if (revision !== undefined && !/^\d{1,15}$/.test(revision))
      this.add(offsetOf(fields.get('revision')!), t('“{0}” must be a number', 'revision'));
    return {
      ...(cluster !== undefined && { cluster }),
      prefix: bytes ?? Buffer.from(prefix ?? ''),
      ...(revision !== undefined && { revision: Number(revision) }),
    };
  }

  /** An entry of `keys` or `base64Keys`: text, or `{ base64 | value, ttl }`. */
  private keyed({ key, value }: Pair<Node, Node | null>, isBinary: boolean): void {
    const text = this.keyName(key);
    if (text === undefined) return;
    const name = isBinary ? bytesOf(text) : Buffer.from(text);
    if (!name) return this.add(offsetOf(key), t('“{0}” is not Base64', keyText(Buffer.from(text))));
    if (!isMap(value)) return this.take(name, key, this.valueOf(value, key));
    const fields = new Map<string, Node>();
    for (const pair of value.items as Pair<Node, Node | null>[]) {
      const field = scalarOf(pair.key) ?? '';
      if (fields.has(field) || !['value', 'base64', 'ttl'].includes(field))
        this.add(offsetOf(pair.key), t('a value is text, or has “base64” or “value”, and “ttl”'));
      fields.set(field, pair.value ?? pair.key);
    }
    const [plain, base64, lease] = [fields.get('value'), fields.get('base64'), fields.get('ttl')];
    if (!plain === !base64) return this.add(offsetOf(key), t('a value has either “base64” or “value”'));
    const encoded = base64 && scalarOf(base64);
    const bytes = plain ? this.valueOf(plain, key) : encoded === undefined ? undefined : bytesOf(encoded);
    if (base64 && !bytes) return this.add(offsetOf(base64), t('this is not Base64'));
    const seconds = lease && scalarOf(lease);
    if (lease && !/^[1-9]\d{0,8}$/.test(seconds ?? ''))
      return this.add(offsetOf(lease), t('“ttl” must be a number of seconds'));
    this.take(name, key, bytes, seconds === undefined ? undefined : Number(seconds));
  }

  /** An entry of a file without header: mappings are folders. */
  private plain({ key, value }: Pair<Node, Node | null>, above: readonly string[], depth: number): void {
    const text = this.keyName(key);
    if (text === undefined) return;
    const path = [...above, text];
    if (!isMap(value))
      return this.take(Buffer.from(path.join(this.options.separator)), key, this.valueOf(value, key));
    if (depth > maxDepth) return this.add(offsetOf(key), t('nested too deeply'));
    if (value.items.length === 0) this.add(offsetOf(value), t('etcd has no folders without keys'));
    for (const pair of value.items as Pair<Node, Node | null>[]) this.plain(pair, path, depth + 1);
  }

  private keyName(key: Node): string | undefined {
    const text = scalarOf(key);
    if (text === undefined) this.add(offsetOf(key), t('the name of a key must be text'));
    return text;
  }

  /** A scalar as it is written: `01` and `1.10` stay what they are. */
  private valueOf(node: Node | null, key: Node): Buffer | undefined {
    // `!!binary`
    if (isScalar(node) && node.value instanceof Uint8Array) return Buffer.from(node.value);
    const text = node ? scalarOf(node) : undefined;
    if (text === undefined) this.add(offsetOf(node ?? key), t('a value must be text'));
    else if (isPlainNothing(node as Scalar))
      this.add(offsetOf(key), t('a key without value: write "" for an empty one'));
    else return Buffer.from(text);
    return undefined;
  }

  private take(name: Buffer, key: Node, value: Buffer | undefined, ttl?: number): void {
    if (!value) return;
    const id = name.toString('latin1');
    const first = this.entries.get(id);
    const offset = offsetOf(key);
    if (first) {
      const { line } = this.lines.linePos(first.offset);
      return this.add(offset, t('duplicate key “{0}”: the first is in line {1}', keyText(name), line));
    }
    const { maxKeys = maxFileKeys } = this.options;
    if (this.entries.size >= maxKeys) {
      if (!this.isFull) this.add(offset, t('more than {0} keys are not read from a file', maxKeys));
      this.isFull = true;
      return;
    }
    this.entries.set(id, { name, value, ...(ttl !== undefined && { ttl }), offset });
  }

  /** Makes nodes of a part of the mapping at a time, and forgets them. */
  private *inStretches(
    document: CST.Document,
    map: MapToken,
    take: (pair: Pair<Node, Node | null>) => void,
  ): Steps<void> {
    const all = map.items as CST.CollectionItem[];
    for (let from = 0; from < all.length;) {
      if (this.problems.length >= maxProblems || this.isFull) return;
      let to = from;
      for (let bytes = 0; to < all.length && to - from < stretch.keys && bytes < stretch.bytes; to++)
        bytes += lengthOf(all[to]!);
      for (const pair of this.compose(document, map, all.slice(from, to), from === 0)) take(pair);
      from = to;
      this.options.signal?.throwIfAborted();
      yield;
    }
  }

  private compose(
    document: CST.Document,
    map: MapToken,
    items: readonly CST.CollectionItem[],
    isStart = true,
  ): Pair<Node, Node | null>[] {
    const [first, ...rest] = items;
    if (!first) return [];
    // The comma before the first belongs to what was composed before.
    const start = isStart ? first.start : first.start.filter(({ type }) => type !== 'comma');
    const value = { ...map, items: [{ ...first, start }, ...rest] } as MapToken;
    const token: CST.Document = { ...document, value };
    const [composed] = [...new Composer(composing).compose([token], true, document.offset)];
    for (const { code, message, pos } of [...composed!.errors, ...composed!.warnings])
      // JSON has longer names.
      if (code !== 'KEY_OVER_1024_CHARS') this.add(pos[0], message);
    const { contents } = composed!;
    const pairs = isMap(contents) ? (contents.items as Pair<Node, Node | null>[]) : [];
    return pairs.filter((pair) => this.isData(pair));
  }

  /** Aliases would let a small file become a large one. */
  private isData({ key, value }: Pair<Node, Node | null>): boolean {
    for (const node of [key, value]) {
      if (!node || !('source' in node) || (isScalar(node) && !node.anchor)) continue;
      this.add(offsetOf(node), t('anchors and aliases of YAML are not read'));
      return false;
    }
    return true;
  }

  private add(offset: number, message: string): void {
    if (this.problems.length >= maxProblems) return;
    const from = this.lines.linePos(offset);
    const [line, column] = [Math.max(1, from.line), Math.max(1, from.col)];
    const range: SourceRange = { file: this.options.file, line, column, endLine: line, endColumn: column };
    const text = message.replace(/ at line \d+, column \d+[^]*$/, '').trim();
    const problem: Problem = {
      ...{ severity: 'error', range, message: text.charAt(0).toLowerCase() + text.slice(1) },
    };
    // What is wrong with the whole is found with every part of it.
    const known = this.problems.some((one) => one.message === problem.message && one.range.line === line);
    if (!known) this.problems.push(problem);
  }
}

/** Every scalar is the text that it is written as. */
const composing = { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, merge: false } as const;

const headerNames = new Set([
  ...['muster', 'cluster', 'prefix', 'prefixBase64', 'revision'],
  ...['keys', 'base64Keys'],
]);

function isMapToken(token: CST.Token | null | undefined): token is MapToken {
  return token?.type === 'block-map' || (token?.type === 'flow-collection' && token.start.source === '{');
}

/** Of a value that is text; what is nested is not counted. */
function lengthOf({ value }: CST.CollectionItem): number {
  return value && 'source' in value ? value.source.length : 0;
}

function nameOf({ key }: CST.CollectionItem): string | undefined {
  return key ? textOf(key) : undefined;
}

/** Of a scalar; what is wrong with it is told when it is composed. */
function textOf(token: CST.Token): string | undefined {
  return Tokens.resolveAsScalar(token, true, () => {})?.value;
}

function scalarOf(node: Node): string | undefined {
  return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
}

/** `key:`, `~` and `null`: another reader takes them for no value, so they may be a mistake. */
function isPlainNothing({ type, value }: Scalar): boolean {
  return type === 'PLAIN' && /^(?:~|null)?$/i.test(value as string);
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** undefined for what is not Base64. */
function bytesOf(text: string): Buffer | undefined {
  const encoded = text.replace(/\s/g, '');
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=')
    ? bytes
    : undefined;
}
