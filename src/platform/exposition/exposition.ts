import { printable } from '../text/printable';

/** How the numbers of a family are meant: the words of Prometheus; `info` is a gauge of 1 with what is known as labels. */
export type FamilyType = 'gauge' | 'counter' | 'histogram' | 'info';

/** One number of a family. */
export interface Sample {
  /** As `labelText` writes them. */
  readonly labels?: string;
  readonly value: number;
  /** Of a histogram: `_bucket`, `_sum` or `_count`. */
  readonly suffix?: string;
}

/** Numbers of one name. */
export interface Family {
  /** As it is queried: counters end in `_total`, infos in `_info`. */
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly samples: Iterable<Sample>;
}

/** The text format of Prometheus (0.0.4) and OpenMetrics 1.0. */
export const expositionTypes = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const;
export type ExpositionFormat = keyof typeof expositionTypes;

/** The format that an `Accept` header asks for. */
export function acceptedFormat(accept: string | undefined): ExpositionFormat {
  let [best, openmetrics] = [0, 0];
  for (const range of (accept ?? '').slice(0, 1_000).split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const version = parameters.find((one) => one.startsWith('version='))?.slice('version='.length);
    const given = parameters.find((one) => one.startsWith('q='))?.slice('q='.length);
    const quality = given === undefined ? 1 : Number(given);
    if (type === 'application/openmetrics-text' && (version ?? '1.0.0') === '1.0.0')
      openmetrics = Math.max(openmetrics, quality);
    else if (['text/plain', 'text/*', '*/*'].includes(type)) best = Math.max(best, quality);
  }
  return openmetrics > 0 && openmetrics >= best ? 'openmetrics' : 'text';
}

/** The families as text, a piece for each line or head. */
export function* exposition(families: Iterable<Family>, format: ExpositionFormat): Iterable<string> {
  for (const { name, type, help, samples } of families) {
    const isOpen = format === 'openmetrics';
    const named = isOpen
      ? name.replace(type === 'counter' ? /_total$/ : type === 'info' ? /_info$/ : '', '')
      : name;
    yield `# HELP ${named} ${help}\n# TYPE ${named} ${type === 'info' && !isOpen ? 'gauge' : type}\n`;
    for (const { labels, value, suffix = '' } of samples)
      yield `${name}${suffix}${labels ? `{${labels}}` : ''} ${numberText(value)}\n`;
  }
  if (format === 'openmetrics') yield '# EOF\n';
}

/** Names and values as they are written between the braces; values are one harmless line each. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${labelValue(value)}"`)
    .join(',');
}

function labelValue(text: string): string {
  // Characters that are none have no place in a text either.
  return printable(text, 500)
    .replace(/[\ufffe\uffff\ufdd0-\ufdef]/g, '')
    .replace(/[\\"]/g, '\\$&');
}

/** Without what a division of binary numbers leaves behind. */
export function secondsOf(ms: number): number {
  return Number((ms / 1000).toFixed(6));
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
