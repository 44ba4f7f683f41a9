import { t } from '../../../../../platform/l10n/l10n';
const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const powersOfTen = Float64Array.from({ length: 16 }, (_, index) => 10 ** index);
/** Digits of a whole number that a double holds whatever they are. */
const exactDigits = 15;

/** What a byte changes in the depth of brackets; a quotation mark begins what has none. */
const aString = 2;
const changes = new Int8Array(256);
changes[openBracket] = changes[openBrace] = 1;
changes[closeBracket] = changes[closeBrace] = -1;
changes[quote] = aString;

/** Strings of up to six bytes, found by these as two numbers. */
class ShortTexts {
  private readonly firsts = new Int32Array(512);
  private readonly seconds = new Int32Array(512);
  private readonly texts: string[] = new Array<string>(512).fill('');

  get(first: number, second: number): string | undefined {
    const place = placeOf(first, second);
    return this.firsts[place] === first && this.seconds[place] === second ? this.texts[place] : undefined;
  }

  /** Of those that share a place the last one stays. */
  set(first: number, second: number, text: string): string {
    const place = placeOf(first, second);
    this.firsts[place] = first;
    this.seconds[place] = second;
    return (this.texts[place] = text);
  }
}

const placeOf = (first: number, second: number) =>
  (first ^ (first >>> 7) ^ Math.imul(second, 0x9e3779b1) ^ (second << 3)) & 511;

/**
 * Reads JSON in bytes from one value to the next, so that long arrays of numbers never become objects. What is skipped
 * is looked at as far as its end is to be found. @throws SyntaxError with the byte
 */
export class JsonScanner {
  private readonly texts = new ShortTexts();

  constructor(
    private readonly bytes: Uint8Array,
    public at = 0,
  ) {}

  /** The byte that the next value begins with, as a character. */
  next(): string {
    this.space();
    if (this.at >= this.bytes.length) this.fail(t('the text ends too early'));
    return String.fromCharCode(this.bytes[this.at]!);
  }

  /** Calls for each property, which reads its value or leaves it to be skipped. */
  object(property: (key: string, scanner: JsonScanner) => void): void {
    this.expect(openBrace);
    this.space();
    if (this.bytes[this.at] === closeBrace) return void this.at++;
    for (;;) {
      this.space();
      const key = this.text();
      this.space();
      this.expect(0x3a);
      this.space();
      const before = this.at;
      property(key, this);
      if (this.at === before) this.skip();
      if (this.ends(closeBrace)) return;
    }
  }

  /** Calls for each item, which reads it or leaves it to be skipped. */
  array(item: (index: number) => void): void {
    this.space();
    this.expect(openBracket);
    this.space();
    if (this.bytes[this.at] === closeBracket) return void this.at++;
    for (let index = 0; ; index++) {
      this.space();
      const before = this.at;
      item(index);
      if (this.at === before) this.skip();
      if (this.ends(closeBracket)) return;
    }
  }

  /** Whether what stands there is to be a number. */
  isAtNumber(): boolean {
    const byte = this.bytes[this.at]!;
    return byte === minus || (byte >= zero && byte <= nine);
  }

  /** A number; NaN for `null`, which stands for what JSON cannot say. */
  number(): number {
    const { bytes } = this;
    const from = this.at;
    let { at } = this;
    if (bytes[at] === minus) at++;
    const firstDigit = at;
    let value = 0;
    let digit = bytes[at]!;
    for (; digit >= zero && digit <= nine; digit = bytes[++at]!) value = value * 10 + digit - zero;
    let digits = at - firstDigit;
    if (digits === 0) {
      if (bytes[from] === 0x6e && this.value() === null) return NaN;
      this.at = from;
      this.fail(t('a number is missing'));
    }
    let decimals = 0;
    if (digit === point) {
      const firstDecimal = ++at;
      digit = bytes[at]!;
      for (; digit >= zero && digit <= nine; digit = bytes[++at]!) value = value * 10 + digit - zero;
      decimals = at - firstDecimal;
      digits += decimals;
    }
    const hasExponent = digit === 0x65 || digit === 0x45;
    if (hasExponent || digits > exactDigits) return this.value() as number;
    this.at = at;
    if (decimals > 0) value /= powersOfTen[decimals]!;
    return bytes[from] === minus ? -value : value;
  }

  /** A string. Short ones are made once. */
  text(): string {
    const { bytes, at, texts } = this;
    if (bytes[at] !== quote) this.fail(t('a string is missing'));
    let first = 1;
    let second = 1;
    for (let end = at + 1; end <= at + 7; end++) {
      const byte = bytes[end]!;
      if (byte === backslash) break;
      if (byte === quote) {
        this.at = end + 1;
        const known = texts.get(first, second);
        if (known !== undefined) return known;
        this.at = at;
        return texts.set(first, second, this.value() as string);
      }
      if (end <= at + 3) first = (first << 8) | byte;
      else second = (second << 8) | byte;
    }
    return this.value() as string;
  }

  /** Whatever stands there. */
  value(): unknown {
    const from = this.at;
    this.skip();
    const text = Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, this.at - from).toString();
    try {
      return JSON.parse(text);
    } catch {
      // Not with the library's words, which quote what stands there: the file may be of another kind.
      throw new SyntaxError(t('after byte {0} it is not JSON', from));
    }
  }

  /** Whatever stands there; undefined if its end is found, but what is before is no JSON. */
  valueIfSound(): unknown {
    const from = this.at;
    try {
      return this.value();
    } catch (error) {
      if (this.at > from && error instanceof SyntaxError && this.at < this.bytes.length) return undefined;
      throw error;
    }
  }

  skip(): void {
    const { bytes } = this;
    const first = bytes[this.at];
    if (first === quote) return this.skipString();
    if (first !== openBrace && first !== openBracket) return this.skipWord();
    let depth = 0;
    let { at } = this;
    const { length } = bytes;
    for (; at < length; at++) {
      const change = changes[bytes[at]!]!;
      if (change === 0) continue;
      if (change === aString) {
        this.at = at;
        this.skipString();
        at = this.at - 1;
      } else if ((depth += change) === 0) return void (this.at = at + 1);
    }
    this.at = at;
    this.fail(t('the text ends too early'));
  }

  /** What follows the outermost value is white space. */
  end(): void {
    this.space();
    if (this.at < this.bytes.length) this.fail(t('there is more after the end'));
  }

  private skipWord(): void {
    const from = this.at;
    for (let byte = this.bytes[this.at]!; byte > 0x20; byte = this.bytes[++this.at]!)
      if (byte === comma || byte === closeBracket || byte === closeBrace) break;
    if (this.at === from) this.fail(t('a value is missing'));
  }

  private skipString(): void {
    const { bytes } = this;
    for (let at = this.at + 1; at < bytes.length; at++) {
      if (bytes[at] === backslash) at++;
      else if (bytes[at] === quote) return void (this.at = at + 1);
    }
    this.at = bytes.length;
    this.fail(t('the text ends too early'));
  }

  private ends(close: number): boolean {
    this.space();
    const byte = this.bytes[this.at];
    if (byte !== comma && byte !== close)
      this.fail(this.at < this.bytes.length ? t('a comma is missing') : t('the text ends too early'));
    this.at++;
    return byte === close;
  }

  private expect(byte: number): void {
    if (this.bytes[this.at] !== byte) this.fail(t('“{0}” is missing', String.fromCharCode(byte)));
    this.at++;
  }

  private space(): void {
    for (let byte = this.bytes[this.at]!; byte === 0x20 || (byte >= 9 && byte <= 13);)
      byte = this.bytes[++this.at]!;
  }

  private fail(what: string): never {
    throw new SyntaxError(t('{0} at byte {1}', what, this.at));
  }
}
