const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Bytes as people read them, e.g. `2.1 GiB`. */
export function sizeText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${power > 0 && amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${units[power]!}`;
}
