import { StringDecoder } from 'node:string_decoder';
import { printableText } from '../../../platform/text/printable';

/** UTF-16 units of a line that are shown as one. */
const longestLine = 4000;

/** One stream of a host as whole lines that are safe to show, however the pieces were cut. */
export class HostOutput {
  private readonly decoder = new StringDecoder('utf8');
  private begun = '';

  /** The lines that this piece completes. */
  add(piece: Buffer): string[] {
    const lines = (this.begun + this.decoder.write(piece)).split('\n');
    this.begun = lines.pop()!;
    // What never ends a line is shown in parts, since it cannot all be kept.
    if (this.begun.length > longestLine) {
      lines.push(this.begun);
      this.begun = '';
    }
    return lines.flatMap(shownLines);
  }

  /** The last line, if nothing ended it. */
  end(): string[] {
    const rest = this.begun + this.decoder.end();
    this.begun = '';
    return rest === '' ? [] : shownLines(rest);
  }
}

/** A carriage return, as in the progress of a download, begins a line, too. */
function shownLines(line: string): string[] {
  const lines = printableText(line).split('\n');
  return lines.map((one) => (one.length > longestLine ? `${one.slice(0, longestLine - 1)}…` : one));
}
