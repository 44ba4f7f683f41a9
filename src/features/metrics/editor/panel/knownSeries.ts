import type { Series } from '../../core/reading';
import type { MetricTarget } from '../../core/readSource';
import type { ChartLayout } from '../../protocol/metricsPanel';

/** A name that sources have given, of which there may be a chart. */
export interface KnownName {
  readonly source: string;
  readonly name: string;
  readonly kind: Series['kind'];
}

const mostNames = 5_000;

/** What says most of a service or a host at a glance, in the order of the charts. */
const telling = [
  ...['node_load1', 'node_memory_MemAvailable_bytes', 'node_pressure_cpu_waiting_seconds_total'],
  ...['process_cpu_seconds_total', 'process_resident_memory_bytes', 'redis_connected_clients'],
  ...['nginx_connections_active', 'go_goroutines'],
];
const firstCharts = 3;

/** The names of series that there are, bounded. */
export class KnownSeries {
  private readonly names = new Map<string, KnownName>();

  add({ name, kind }: Series, { entry }: MetricTarget): void {
    const key = `${entry.name}\0${name}`;
    if (this.names.has(key) || this.names.size >= mostNames) return;
    this.names.set(key, { source: entry.name, name, kind });
  }

  all(): KnownName[] {
    return [...this.names.values()];
  }

  /** The charts of who has chosen none so far. */
  first(): ChartLayout[] {
    const place = ({ name }: KnownName) => {
      const found = telling.indexOf(name);
      return found < 0 ? telling.length : found;
    };
    return this.all()
      .sort((a, b) => place(a) - place(b))
      .slice(0, firstCharts)
      .map(({ source, name }) => ({ source, name, mode: 'lines', asCounter: false }));
  }
}
