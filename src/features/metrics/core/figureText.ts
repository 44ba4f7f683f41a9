import { sizeText } from '../../../platform/text/sizeText';

/** A value as people read it: `2.1 GiB`, `12.3/s`, `42`. */
export function figureText(
  value: number,
  { unit, isRate = false }: { unit?: string | undefined; isRate?: boolean } = {},
): string {
  const base = unit?.replace(/\/s$/, '');
  if (base === 'By' && Number.isFinite(value))
    return `${value < 0 ? '-' : ''}${sizeText(Math.abs(value))}${isRate ? '/s' : ''}`;
  const suffix = base === undefined || base === '1' ? (isRate ? '/s' : '') : ` ${base}${isRate ? '/s' : ''}`;
  return `${plain(value)}${suffix}`;
}

/** Whole numbers as they are, others with four digits that count. */
function plain(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Number.isSafeInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-4) return value.toExponential(3);
  return String(size >= 1000 ? Math.round(value * 10) / 10 : Number(value.toPrecision(4)));
}
