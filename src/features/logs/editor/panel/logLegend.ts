import type { LogStream } from '../../core/logStream';
import type { LegendSource } from '../../protocol/logsPanel';
import { legendOf } from './legendOf';

const nothing = { time: 0, count: 0, streams: '' };

/** Milliseconds between two legends, at least, when no stream appears. */
const restMs = 500;

/** What a legend needs of its panel. */
export interface LegendPorts {
  tell: (legend: LegendSource[]) => void;
  /** There are other streams than before, which the page has been told of. */
  onOtherStreams: () => void;
}

/** Tells where lines come from when that has changed: streams come and change seldom, and may be a thousand. */
export class LogLegend {
  private told = nothing;

  constructor(private readonly panel: LegendPorts) {}

  /** Has it told again at once, even if nothing changes. */
  forget(): void {
    this.told = nothing;
  }

  update(streams: readonly LogStream[]): void {
    const { told } = this;
    const time = Date.now();
    const count = streams.length;
    const hasMore = told.count !== count;
    // Rows name what is in the legend: what appears is told of at once, how it fares now and then.
    if (!hasMore && time - told.time < restMs) return;
    const key = streams.map(({ id, state, error }) => `${id} ${state} ${error?.code}`).join();
    this.told = { time, count, streams: key };
    if (key === told.streams) return;
    this.panel.tell(legendOf(streams));
    if (hasMore) this.panel.onOtherStreams();
  }
}
