import { t } from '../../../platform/l10n/l10n';
import type { TransferEvent } from './copyBatch';
import { sizeText } from './transfer';

/** Milliseconds of which no rate can be said yet, those that a rate is of, and those between two points of it. */
const firstMs = 500;
const recentMs = 10_000;
const pointMs = 250;

interface Point {
  at: number;
  moved: number;
}

/** How much of a batch has been moved, how fast of late, and how long the rest will take. */
export class TransferRate {
  private planned = 0;
  private readonly plannedHosts = new Set<string>();
  private moved = 0;
  /** Hosts that have ended. */
  ended = 0;
  /** The oldest first: the last one before the recent seconds, and those in them. */
  private readonly points: Point[] = [];

  constructor(private readonly hosts: number) {}

  add(event: TransferEvent, now = performance.now()): void {
    if (event.kind === 'planned') {
      this.planned += event.bytes;
      this.plannedHosts.add(event.host);
      return;
    }
    const last = this.points.at(-1);
    if (!last || now - last.at >= pointMs) this.points.push({ at: now, moved: this.moved });
    while (this.points.length > 1 && now - this.points[1]!.at >= recentMs) this.points.shift();
    this.moved += event.bytes;
  }

  /** Such as `1.2 GB of 3.6 GB · 80 MB/s · 30 s left`; empty while nothing is moved. */
  text(now = performance.now()): string {
    const [first] = this.points;
    if (!first || this.moved === 0) return '';
    const total = this.total();
    const amount = t('{0} of {1}', sizeText(this.moved), sizeText(total));
    const ms = now - first.at;
    const rate = ((this.moved - first.moved) / ms) * 1000;
    if (ms < firstMs || !(rate > 0)) return amount;
    const left = Math.max(0, Math.ceil((total - this.moved) / rate));
    return `${amount} · ${sizeText(rate)}/s · ${t('{0} left', timeText(left))}`;
  }

  /** Hosts that have not begun will take what the others take. */
  private total(): number {
    const known = this.plannedHosts.size;
    const open = Math.max(0, this.hosts - Math.max(known, this.ended));
    return Math.max(this.moved, this.planned + (open * this.planned) / Math.max(1, known));
  }
}

function timeText(seconds: number): string {
  if (seconds < 100) return t('{0} s', seconds);
  return seconds < 6000 ? t('{0} min', Math.round(seconds / 60)) : t('{0} h', Math.round(seconds / 3600));
}
