import type { BecomeMarks } from './becomeCommand';

/** Bytes that may come before the command begins: a lecture, and no flood. */
const mostBytes = 64 * 1024;

export type PrefaceEvent = 'asked' | 'begun' | 'flooded' | undefined;

/** What comes on standard error before the command begins. */
export class Preface {
  private bytes: Buffer = Buffer.alloc(0);
  private readonly parts: Buffer[] = [];
  private readonly prompt: Buffer;
  private readonly begun: Buffer;
  private readonly mark: string;

  constructor({ prompt, begun }: BecomeMarks) {
    this.prompt = Buffer.from(prompt);
    this.begun = Buffer.from(begun);
    this.mark = prompt.replace('Password: ', '');
  }

  /** The first of what happened that has not been reported; call it again until there is none. */
  take(chunk?: Buffer): PrefaceEvent {
    if (chunk) this.bytes = Buffer.concat([this.bytes, chunk]);
    const asked = this.bytes.indexOf(this.prompt);
    const begun = this.bytes.indexOf(this.begun);
    if (asked >= 0 && (begun < 0 || asked < begun)) {
      this.cut(asked, this.prompt.length);
      return 'asked';
    }
    if (begun >= 0) {
      this.cut(begun, this.begun.length);
      return 'begun';
    }
    return this.length > mostBytes ? 'flooded' : undefined;
  }

  /** What was said until now, without the marks. */
  get said(): string {
    return Buffer.concat([...this.parts, this.bytes])
      .toString()
      .replaceAll(this.mark, '');
  }

  /** Whether a line has been begun that may be a question. */
  get isAsking(): boolean {
    return this.said.length > 0 && !/\n\s*$/.test(this.said);
  }

  /** All of it but the marks: what the command's standard error begins with. */
  rest(): Buffer {
    const before = Buffer.concat(this.parts);
    const at = before.indexOf(this.mark);
    if (at < 0) return Buffer.concat([before, this.bytes]);
    return Buffer.concat([before.subarray(0, at), before.subarray(at + this.mark.length), this.bytes]);
  }

  private get length(): number {
    return this.parts.reduce((sum, part) => sum + part.length, this.bytes.length);
  }

  private cut(at: number, length: number): void {
    this.parts.push(this.bytes.subarray(0, at));
    this.bytes = this.bytes.subarray(at + length);
  }
}
