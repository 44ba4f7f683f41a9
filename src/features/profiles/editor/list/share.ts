/** A part of the whole, as precise as it is small: `41%`, `4.1%`, `0.04%`; `−2%` for what a difference took away. */
export function shareText(weight: number, whole: number): string {
  if (whole === 0) return '0%';
  const percent = (100 * weight) / Math.abs(whole);
  const size = Math.abs(percent);
  if (size >= 9.95 || size === 0) return `${Math.round(percent)}%`;
  if (size >= 0.095) return `${Number(percent.toFixed(1))}%`;
  return size < 0.005 ? '<0.01%' : `${Number(percent.toFixed(2))}%`;
}

const heats = ['charts.red', 'charts.orange', 'charts.yellow', 'descriptionForeground'] as const;
const least = [0.1, 0.02, 0.002];

/** The colour of the theme for a share: red from 10%, orange from 2%, yellow from 0.2%. */
export function heatOf(weight: number, whole: number): (typeof heats)[number] {
  const share = whole === 0 ? 0 : Math.abs(weight / whole);
  const level = least.findIndex((from) => share >= from);
  return heats[level < 0 ? least.length : level]!;
}
