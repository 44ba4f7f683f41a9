import type { ShownLog } from '../../core/file/shownLog';
import type { LogView } from '../../core/logView';
import type { LogStatus } from '../../protocol/logsPanel';

/** Milliseconds that a moment is waited for when all that was there is read: nothing happened after it. */
const waitMs = 3000;

/** What a jump needs of its panel. */
export interface JumpPorts {
  /** The generation of the rows as they are now. */
  generation: () => number;
  /** Shows the row at a place. */
  goTo: (at: number) => void;
}

/** Goes to a moment that was asked for once its lines are there. */
export class LogJump {
  /** All in ms since the epoch; and the generation in which it was shown. */
  private wanted: { time: number; until: number; shownIn?: number } | undefined;

  constructor(private readonly panel: JumpPorts) {}

  /** Waits for a moment, in ms since the epoch, and no longer for another one. */
  waitFor(time: number): void {
    this.wanted = { time, until: Infinity };
  }

  /** No moment is waited for any more: something else is shown. */
  forget(): void {
    this.wanted = undefined;
  }

  /** Goes there as soon as a line of the moment, or a later one, is among those that were told. */
  async goIfThere({ streams }: ShownLog, view: LogView, { generation, end }: LogStatus): Promise<void> {
    const { wanted, panel } = this;
    if (!wanted) return;
    const isRead = streams.every(({ state }) => !/^(?:connecting|reading)$/.test(state));
    if (isRead && streams.length > 0) wanted.until = Math.min(wanted.until, Date.now() + waitMs);
    if (Date.now() >= wanted.until) this.wanted = undefined;
    if (!this.wanted || wanted.shownIn === generation) return;
    const at = await view.positionAt(wanted.time);
    // Rows of another generation are elsewhere: the next tick tells of them.
    if (at >= end || panel.generation() !== generation || wanted !== this.wanted) return;
    wanted.shownIn = generation;
    panel.goTo(at);
  }
}
