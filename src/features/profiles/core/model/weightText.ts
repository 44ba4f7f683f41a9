import { unitRatio } from './units';

/** A weight as people read it: `1.20s`, `35.1ms`, `4.2MB`, `12034`. Memory counts in powers of 1024, as pprof's does. */
export function weightText(weight: number, unit: string): string {
  const seconds = unitRatio(unit, 'seconds');
  if (seconds !== undefined) return scaled(weight * seconds, 1000, ['s', 'ms', 'µs', 'ns'], true);
  if (unit === 'bytes') return scaled(weight, 1024, ['B', 'kB', 'MB', 'GB', 'TB'], false);
  return String(Math.round(weight * 100) / 100);
}

function scaled(value: number, step: number, units: readonly string[], down: boolean): string {
  let index = 0;
  let shown = value;
  while (shown !== 0 && index < units.length - 1 && (down ? Math.abs(shown) < 1 : Math.abs(shown) >= step)) {
    shown = down ? shown * step : shown / step;
    index++;
  }
  const isWhole = Math.abs(shown - Math.round(shown)) < 1e-9;
  const digits = isWhole || Math.abs(shown) >= 100 ? 0 : Math.abs(shown) >= 10 ? 1 : 2;
  return `${shown.toFixed(digits)}${units[index]}`;
}
