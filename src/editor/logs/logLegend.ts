import type { LogStream } from '../../core/logs/logStream';
import type { LegendSource } from '../../protocol/logsPanel';
import { legendOf } from './legendOf';

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
  private told = { time: 0, count: 0, streams: '' };

  constructor(private readonly panel: LegendPorts) {}

  /** Has it told again, even if nothing changes. */
  forget(): void {
    this.told.streams = '';
  }

  update(streams: readonly LogStream[]): void {
    const { told } = this;
    const now = Date.now();
    const hasMore = told.count !== streams.length;
    // Rows name what is in the legend: what appears is told of at once, how it fares now and then.
    if (!hasMore && now - told.time < restMs) return;
    told.time = now;
    told.count = streams.length;
    const key = streams.map(({ id, state }) => `${id} ${state}`).join();
    if (key === told.streams) return;
    told.streams = key;
    this.panel.tell(legendOf(streams));
    if (hasMore) this.panel.onOtherStreams();
  }
}
