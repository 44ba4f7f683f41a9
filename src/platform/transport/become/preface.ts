import type { BecomeMarks } from './becomeCommand';

/** Bytes that may come before the command begins: a lecture, and no flood. */
const mostBytes = 64 * 1024;

/** What sudo-rs puts around a prompt: it says what PAM asks for behind it, which may be another thing. */
const around = { before: '[sudo: ', after: '] Password: ' } as const;

export type PrefaceEvent = 'asked' | 'begun' | 'flooded' | undefined;

/** What comes on standard error before the command begins. */
export class Preface {
  /** What has come, without the questions for the password that were found in it. */
  private text = '';
  /** The command's own, from its beginning on. */
  private rest: Buffer = Buffer.alloc(0);
  /** Up to where there is nothing new. */
  private seen = 0;

  constructor(private readonly marks: BecomeMarks) {}

  /** The first of what happened that has not been reported; call it again until there is none. */
  take(chunk?: Buffer): PrefaceEvent {
    // One character is one byte, so that what is written on keeps its bytes.
    if (chunk) this.text += chunk.toString('latin1');
    const { text, marks } = this;
    const begun = text.indexOf(marks.begun, this.seen);
    const question = this.question();
    if (question && (begun < 0 || question.start < begun)) {
      this.text = text.slice(0, question.start) + text.slice(question.end);
      this.seen = question.start;
      return 'asked';
    }
    if (begun >= 0) {
      this.rest = Buffer.from(text.slice(begun + marks.begun.length), 'latin1');
      this.text = text.slice(0, begun);
      return 'begun';
    }
    return text.length > mostBytes ? 'flooded' : undefined;
  }

  /** What was said until now, without what is ours: after the question for the password, if there was one and anything came. */
  get said(): string {
    const answer = this.seen > 0 ? this.text.slice(this.seen) : '';
    return Buffer.from(answer.trim() === '' ? this.withoutMark : answer, 'latin1').toString();
  }

  /** Whether a line has been begun that may be a question. */
  get isAsking(): boolean {
    return this.withoutMark.trim() !== '' && !/\n\s*$/.test(this.withoutMark);
  }

  /** What the command's standard error is to begin with: all of it but what is ours. */
  get spoken(): Buffer {
    return Buffer.concat([Buffer.from(this.withoutMark, 'latin1'), this.rest]);
  }

  /** A question for the password that is whole, exactly as it is to be. */
  private question(): { start: number; end: number } | undefined {
    const { text, marks, seen } = this;
    const start = text.indexOf(marks.prompt, seen);
    if (start < 0) return undefined;
    const end = start + marks.prompt.length;
    if (!text.slice(0, start).endsWith(around.before)) return { start, end };
    if (!text.startsWith(around.after, end)) return undefined;
    return { start: start - around.before.length, end: end + around.after.length };
  }

  /** The mark stays where `su` asked for nothing, and where a question is not for the password. */
  private get withoutMark(): string {
    return this.text.replace(this.marks.mark, '');
  }
}
