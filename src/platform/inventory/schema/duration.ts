import { t } from '../../l10n/l10n';

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
export const durationPattern = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** `250ms`, `5s`, `2m`, `1h` or `14d` in whole milliseconds. @throws RangeError saying what is wrong */
export function parseDuration(text: string): number {
  const [, amount, unit] = durationPattern.exec(text) ?? [];
  if (amount === undefined || unit === undefined) throw new RangeError(explainDuration(text));
  return Math.round(Number(amount) * unitMs[unit]!);
}

/** Why `text` is no duration. */
export function explainDuration(text: string): string {
  const wanted = t('write a number and a unit, as in 250ms, 5s, 2m, 1h or 14d');
  if (/^\d+(\.\d+)?$/.test(text)) return t('“{0}” has no unit: write {1}ms or {2}s', text, text, text);
  return t('“{0}” is not a duration: {1}', text.slice(0, 40), wanted);
}
