import { StringDecoder } from 'node:string_decoder';
import { HostPainter } from '../../../shell/cli/output/hostPainter';
import type { OutputStream } from '../../../shell/cli/output/outputStream';
import { harmless } from '../../../shell/cli/output/terminalText';

/** UTF-16 units of a line that are held back until it ends; a longer one comes in parts. */
const longestLine = 64 * 1024;

type Output = 'stdout' | 'stderr';

/** `--prefix`: whole lines of hosts as they come, each after the name of its host, on the output that it was written to. */
export class PrefixedLines {
  private readonly pending = new Map<string, { decoder: StringDecoder; text: string }>();
  private readonly painters: Record<Output, HostPainter>;

  constructor(private readonly outputs: Record<Output, OutputStream>) {
    const { stdout, stderr } = outputs;
    this.painters = { stdout: new HostPainter(stdout.colors), stderr: new HostPainter(stderr.colors) };
  }

  /** Resolves when it was handed over; undefined where no line has ended. */
  add(host: string, output: Output, piece: Buffer): Promise<void> | undefined {
    const key = `${output} ${host}`;
    let pending = this.pending.get(key);
    if (!pending) this.pending.set(key, (pending = { decoder: new StringDecoder('utf8'), text: '' }));
    const lines = (pending.text + pending.decoder.write(piece)).split('\n');
    pending.text = lines.pop()!;
    if (pending.text.length > longestLine) {
      lines.push(pending.text);
      pending.text = '';
    }
    return this.write(host, output, lines);
  }

  /** The host has ended, and with it its last line. */
  async ended(host: string): Promise<void> {
    for (const output of ['stdout', 'stderr'] as const) {
      const pending = this.pending.get(`${output} ${host}`);
      this.pending.delete(`${output} ${host}`);
      const text = pending && pending.text + pending.decoder.end();
      if (text) await this.write(host, output, [text]);
    }
  }

  private write(host: string, output: Output, lines: readonly string[]): Promise<void> | undefined {
    if (lines.length === 0) return undefined;
    const stream = this.outputs[output];
    const prefix = `${this.painters[output].paint(host)}: `;
    // What a terminal would draw over itself, such as a progress bar, are lines.
    const shown = lines.flatMap((line) =>
      harmless(line.replace(/\r+$/, ''), stream.colors.isColorSupported).split('\n'),
    );
    return stream.write(shown.map((line) => `${prefix}${line}\n`).join(''));
  }
}
