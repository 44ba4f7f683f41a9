import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import type { Exemplar, Label, Sample } from './family';
import type { ExpositionFormat } from './formats';

/** More than any exporter writes; what is longer is hostile, and would be kept for every host. */
const most = { labels: 128, nameLength: 1024, valueLength: 8192 } as const;

/** A line that is not written as the format asks. */
export class LineFault extends Error {}

const blank = 0x20;
const tab = 0x09;
const quote = 0x22;
const backslash = 0x5c;

const isBlank = (code: number): boolean => code === blank || code === tab;
const isNameStart = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
const isNamePart = (code: number): boolean => isNameStart(code) || (code >= 0x30 && code <= 0x39);
const colon = 0x3a;

/** A number of Go's `strconv.ParseFloat` without its hexadecimal forms and underscores. */
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const infinity = /^([+-]?)inf(?:inity)?$/i;

/** The value that is written; undefined if it is no number, or beyond those of 64 bits. */
export function readNumber(text: string): number | undefined {
  if (number.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  if (/^nan$/i.test(text)) return NaN;
  const sign = infinity.exec(text);
  return sign ? (sign[1] === '-' ? -Infinity : Infinity) : undefined;
}

/** Reads the parts of one line from the left. */
export class LineReader {
  private at = 0;

  constructor(
    private readonly line: string,
    private readonly format: ExpositionFormat,
  ) {}

  /** @throws LineFault */
  sample(): Sample {
    this.skipBlanks();
    const labels: Label[] = [];
    let name = this.peek() === '{' ? undefined : this.name(true);
    const nameEnd = this.at;
    this.skipBlanks();
    if (this.peek() === '{') name = this.labelSet(labels, name);
    else if (this.at === nameEnd) throw this.unexpected();
    if (name === undefined) throw new LineFault(t('a name is missing'));
    const value = this.value();
    const timestampMs = this.timestamp();
    const exemplar = this.exemplar();
    if (!this.isOver)
      throw new LineFault(t('“{0}” is too much at its end', printable(this.line.slice(this.at), 60)));
    return {
      ...{ name, labels, value },
      ...(timestampMs !== undefined && { timestampMs }),
      ...(exemplar && { exemplar }),
    };
  }

  /** The name that a `# TYPE` or the like is about. @throws LineFault */
  familyName(): string {
    this.skipBlanks();
    const name = this.peek() === '"' ? this.quoted() : this.name(true);
    if (!this.isOver && !isBlank(this.code)) throw this.unexpected();
    this.skipBlanks();
    return name;
  }

  /** What of the line is left. */
  rest(): string {
    return this.line.slice(this.at);
  }

  private get isOver(): boolean {
    return this.at >= this.line.length;
  }

  private get code(): number {
    return this.line.charCodeAt(this.at);
  }

  private peek(): string | undefined {
    return this.line[this.at];
  }

  private skipBlanks(): void {
    while (!this.isOver && isBlank(this.code)) this.at++;
  }

  private name(mayHaveColon: boolean): string {
    const from = this.at;
    while (!this.isOver && (isNamePart(this.code) || (mayHaveColon && this.code === colon))) this.at++;
    const first = this.line.charCodeAt(from);
    if (this.at === from || !(isNameStart(first) || first === colon)) {
      this.at = from;
      throw this.unexpected();
    }
    return this.bounded(this.line.slice(from, this.at), most.nameLength);
  }

  /** `{a="b",…}` with the name of the metric among them where it is quoted, as names in UTF-8 are. */
  private labelSet(labels: Label[], name: string | undefined): string | undefined {
    this.at++;
    for (let isFirst = true; ; isFirst = false) {
      this.skipBlanks();
      if (this.peek() === '}') break;
      if (!isFirst) {
        if (this.peek() !== ',') throw this.unexpected();
        this.at++;
        this.skipBlanks();
        // A comma may stand behind the last label.
        if (this.peek() === '}') break;
      }
      const isQuoted = this.peek() === '"';
      const label = isQuoted ? this.quoted() : this.name(false);
      this.skipBlanks();
      if (this.peek() === '=') {
        this.at++;
        this.skipBlanks();
        if (labels.length === most.labels) throw new LineFault(t('more than {0} labels', most.labels));
        if (labels.some((other) => other.name === label))
          throw new LineFault(t('the label “{0}” is there twice', printable(label, 60)));
        labels.push({ name: label, value: this.quoted(most.valueLength) });
      } else if (isQuoted && name === undefined && isFirst) name = label;
      else throw this.unexpected();
    }
    this.at++;
    return name;
  }

  private quoted(longest: number = most.nameLength): string {
    if (this.code !== quote) throw this.unexpected();
    let from = ++this.at;
    let text = '';
    for (; !this.isOver; this.at++) {
      if (this.code === quote) {
        return this.bounded(text + this.line.slice(from, this.at++), longest);
      }
      if (this.code !== backslash) continue;
      const escaped = this.line[this.at + 1];
      if (escaped === 'n' || escaped === '"' || escaped === '\\') {
        text += this.line.slice(from, this.at) + (escaped === 'n' ? '\n' : escaped);
        from = this.at + 2;
      }
      this.at++;
    }
    throw new LineFault(t('a quotation mark is missing at the end'));
  }

  private bounded(text: string, longest: number): string {
    if (text.length <= longest) return text;
    throw new LineFault(t('“{0}” is longer than {1} characters', printable(text, 40), longest));
  }

  private value(): number {
    const word = this.word();
    const value = readNumber(word);
    if (value === undefined) throw new LineFault(word === '' ? t('the value is missing') : notNumber(word));
    return value;
  }

  private timestamp(): number | undefined {
    const word = this.peekWord();
    if (word === '' || word.startsWith('#')) return undefined;
    const value =
      this.format === 'prometheus' ? (/^[+-]?\d+$/.test(word) ? Number(word) : undefined) : secondsOf(word);
    if (value === undefined) throw new LineFault(t('“{0}” is not a time', printable(word, 60)));
    this.word();
    return value;
  }

  private exemplar(): Exemplar | undefined {
    this.skipBlanks();
    if (this.format !== 'openmetrics' || this.peek() !== '#') return undefined;
    this.at++;
    this.skipBlanks();
    if (this.peek() !== '{') throw this.unexpected();
    const labels: Label[] = [];
    if (this.labelSet(labels, undefined) !== undefined) throw new LineFault(t('an exemplar has no name'));
    const value = this.value();
    const timestampMs = this.timestamp();
    this.skipBlanks();
    return { labels, value, ...(timestampMs !== undefined && { timestampMs }) };
  }

  private word(): string {
    const word = this.peekWord();
    this.at += word.length;
    this.skipBlanks();
    return word;
  }

  private peekWord(): string {
    this.skipBlanks();
    let end = this.at;
    while (end < this.line.length && !isBlank(this.line.charCodeAt(end))) end++;
    return this.line.slice(this.at, end);
  }

  private unexpected(): LineFault {
    const found = this.peek();
    return new LineFault(
      found === undefined
        ? t('the line ends too soon')
        : t('“{0}” is not expected here, at column {1}', printable(found), this.at + 1),
    );
  }
}

function secondsOf(word: string): number | undefined {
  return number.test(word) ? Number(word) * 1000 : undefined;
}

function notNumber(word: string): string {
  return t('“{0}” is not a number', printable(word, 60));
}
