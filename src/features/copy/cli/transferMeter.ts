import { t } from '../../../shell/cli/l10n';
import type { Terminal } from '../../../shell/cli/terminal/terminal';
import type { TransferEvent } from '../core/copyBatch';
import { sizeText } from '../core/transfer';

/** Milliseconds between two lines where there is no terminal to draw on. */
const lineMs = 10_000;

/** How much of a batch has been moved, how fast, and how long the rest will take. */
export class TransferMeter {
  private planned = 0;
  private plannedHosts = 0;
  private moved = 0;
  private hostsEnded = 0;
  private startedAt: number | undefined;

  constructor(private readonly hosts: number) {}

  add(event: TransferEvent): void {
    if (event.kind === 'planned') {
      this.planned += event.bytes;
      this.plannedHosts++;
    } else {
      this.startedAt ??= performance.now();
      this.moved += event.bytes;
    }
  }

  ended(): void {
    this.hostsEnded++;
  }

  /** e.g. `1.2 GB of 3.6 GB · 80 MB/s · 30 s left` */
  text(now = performance.now()): string {
    const total = this.total();
    const amount = t('{0} of {1}', sizeText(this.moved), sizeText(total));
    const seconds = this.startedAt === undefined ? 0 : (now - this.startedAt) / 1000;
    // Of the first moment nothing can be said.
    if (seconds < 0.5 || this.moved === 0) return amount;
    const rate = this.moved / seconds;
    const left = Math.max(0, Math.ceil((total - this.moved) / rate));
    return `${amount} · ${sizeText(rate)}/s · ${t('{0} left', timeText(left))}`;
  }

  /** Says it in lines where nobody watches a terminal; the returned function ends that. */
  sayInLines(terminal: Terminal): () => void {
    if (terminal.stderr.isTTY) return () => {};
    const timer = setInterval(() => {
      terminal.note(`${this.hostsEnded}/${this.hosts} · ${this.text()}`);
    }, lineMs);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** Hosts that are not begun will take what the others take. */
  private total(): number {
    if (this.plannedHosts === 0) return 0;
    const open = Math.max(0, this.hosts - Math.max(this.plannedHosts, this.hostsEnded));
    return Math.max(this.moved, this.planned + (open * this.planned) / this.plannedHosts);
  }
}

function timeText(seconds: number): string {
  if (seconds < 100) return t('{0} s', seconds);
  return seconds < 6000 ? t('{0} min', Math.round(seconds / 60)) : t('{0} h', Math.round(seconds / 3600));
}
