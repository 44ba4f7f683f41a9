import { extractFields } from '../core/recognise/extractFields';
import type { LogRow } from '../core/logRow';
import type { LogSession } from '../core/logSession';
import type { LogStream } from '../core/logStream';
import { printable } from '../../../platform/text/printable';
import { HostPainter } from '../../../shell/cli/output/hostPainter';
import type { OutputStream } from '../../../shell/cli/output/outputStream';
import { harmless } from '../../../shell/cli/output/terminalText';
import { jsonText } from '../../../shell/cli/output/jsonText';

/** Writes rows of a session, no faster than they are read. */
export class LogPrinter {
  private readonly prefixes = new Map<number, string>();
  private readonly painter: HostPainter;

  constructor(
    private readonly session: LogSession,
    private readonly output: OutputStream,
    private readonly asJson: boolean,
    /** Whether a host may have several streams, so that its name alone does not say which. */
    private readonly withLabel: boolean,
  ) {
    this.painter = new HostPainter(output.colors);
  }

  async print(rows: readonly LogRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.output.write(rows.map((row) => (this.asJson ? this.json(row) : this.text(row))).join(''));
  }

  /** `{"time","timeSource","host","source","line","fields"}`, or `{"event",…}` for what happened to a stream. */
  private json(row: LogRow): string {
    const { host, source, label } = this.streamOf(row) ?? {};
    const time = row.time === undefined ? undefined : new Date(row.time).toISOString();
    if (row.kind !== 'line') {
      const { kind, text, lost } = row;
      return `${jsonText({ event: kind, time, host, source, label, message: text, lost })}\n`;
    }
    const fields = extractFields(row.text, 'auto');
    return `${jsonText({
      ...{ time, timeSource: row.timeSource, host, source, line: row.text },
      ...(row.level !== 'none' && { level: row.level }),
      ...(Object.keys(fields).length > 0 && { fields }),
      ...(row.late && { late: true }),
      ...(row.hidden !== undefined && { hidden: row.hidden }),
      ...(row.cut !== undefined && { cut: row.cut }),
    })}\n`;
  }

  private text(row: LogRow): string {
    const { isTTY, colors } = this.output;
    const prefix = this.streamOf(row) ? `${this.prefixOf(row.stream)} ` : '';
    if (row.kind !== 'line') return `${prefix}${colors.dim(`— ${printable(row.text, 300)} —`)}\n`;
    const more = (row.hidden ?? 0) + (row.cut ?? 0);
    const line = `${row.text}${more > 0 ? ` … [${more} bytes more]` : ''}`;
    return `${prefix}${isTTY ? harmless(line, colors.isColorSupported).replaceAll('\n', '\ufffd') : line}\n`;
  }

  private prefixOf(id: number): string {
    let prefix = this.prefixes.get(id);
    if (prefix === undefined) {
      const { host, label } = this.session.streams[id]!;
      const name = this.withLabel ? `${host} ${printable(label.split('/').at(-1)!, 40)}` : host;
      prefix = this.painter.paint(host, name);
      this.prefixes.set(id, prefix);
    }
    return prefix;
  }

  /** Undefined is all of them. */
  private streamOf({ stream }: LogRow): LogStream | undefined {
    return this.session.streams[stream];
  }
}
