import { StringDecoder } from 'node:string_decoder';
import type { OutputStream } from '../../../shell/cli/output/outputStream';
import { harmless } from '../../../shell/cli/output/terminalText';

/** Writes a body as it comes: to a terminal as harmless text, elsewhere byte by byte. */
export class BodyWriter {
  private readonly decoder = new StringDecoder('utf8');
  private endsLine = true;

  constructor(
    private readonly output: OutputStream,
    private readonly isRaw: boolean,
  ) {}

  /** Resolves when more may come. */
  write(piece: Buffer): Promise<void> {
    if (this.isRaw || !this.output.isTTY) return this.output.write(piece);
    return this.writeText(this.decoder.write(piece));
  }

  async end(): Promise<void> {
    await this.writeText(this.decoder.end());
    if (!this.endsLine) await this.output.write('\n');
  }

  private async writeText(text: string): Promise<void> {
    if (text === '') return;
    this.endsLine = text.endsWith('\n');
    await this.output.write(harmless(text, this.output.colors.isColorSupported));
  }
}
