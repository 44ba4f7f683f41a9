import { l10n } from 'vscode';
import { sizeText } from '../../../shell/editor/text/sizeText';
import type { TransferEvent } from '../core/copyBatch';

/** Milliseconds of which no rate can be told yet. */
const firstMs = 500;

/** How much of a batch has been moved, how fast, and how long the rest will take. */
export class TransferRate {
  private planned = 0;
  private moved = 0;
  private readonly plannedHosts = new Set<string>();
  private startedAt: number | undefined;

  constructor(private readonly hosts: number) {}

  add(event: TransferEvent): void {
    if (event.kind === 'planned') {
      this.planned += event.bytes;
      this.plannedHosts.add(event.host);
    } else {
      this.startedAt ??= performance.now();
      this.moved += event.bytes;
    }
  }

  /** Such as `1.2 GB of 3.6 GB · 80 MB/s · 30 s left`; empty while nothing is moved. */
  text(ended: number, now = performance.now()): string {
    if (this.startedAt === undefined || this.moved === 0) return '';
    const total = this.total(ended);
    const amount = l10n.t('{0} of {1}', sizeText(this.moved), sizeText(total));
    const ms = now - this.startedAt;
    if (ms < firstMs) return amount;
    const rate = (this.moved / ms) * 1000;
    const left = Math.max(0, Math.ceil((total - this.moved) / rate));
    return `${amount} · ${sizeText(rate)}/s · ${l10n.t('{0} left', timeText(left))}`;
  }

  /** Hosts that have not begun will take what the others take. */
  private total(ended: number): number {
    const known = this.plannedHosts.size;
    const open = Math.max(0, this.hosts - Math.max(known, ended));
    return Math.max(this.moved, this.planned + (open * this.planned) / Math.max(1, known));
  }
}

function timeText(seconds: number): string {
  if (seconds < 100) return l10n.t('{0} s', seconds);
  return seconds < 6000
    ? l10n.t('{0} min', Math.round(seconds / 60))
    : l10n.t('{0} h', Math.round(seconds / 3600));
}
