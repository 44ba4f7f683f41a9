/** Of the values, left free above and below them. */
const margin = 0.1;

/**
 * The least and the greatest number of an axis of values. Rates, and values that spread as far as they are from
 * 0, have 0 on it: without it, small differences look large. A chart without a value has 0 to 1.
 */
export function valueScale(least: number | null, greatest: number | null, isRate: boolean): [number, number] {
  if (least === null || greatest === null || !Number.isFinite(least) || !Number.isFinite(greatest))
    return [0, 1];
  if (least === greatest && least === 0) return [0, 1];
  const spread = greatest - least;
  const hasZero = isRate || spread === 0 || Math.min(Math.abs(least), Math.abs(greatest)) <= spread;
  const [from, to] = hasZero ? [Math.min(0, least), Math.max(0, greatest)] : [least, greatest];
  const room = (to - from) * margin;
  return [from === 0 ? 0 : from - room, to === 0 ? 0 : to + room];
}
