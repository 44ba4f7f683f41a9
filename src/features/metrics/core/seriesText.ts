import type { Label } from './exposition/family';

/** A series as Prometheus writes it: `http_requests_total{code="200"}`. */
export function seriesText(name: string, labels: readonly Label[]): string {
  if (labels.length === 0) return name;
  return `${name}{${labels.map((label) => `${label.name}="${escaped(label.value)}"`).join(',')}}`;
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}
