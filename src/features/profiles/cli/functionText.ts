import { printable } from '../../../platform/text/printable';
import type { Frame } from '../core/model/profile';

/** `main.work  server.go:12`; names come from files and may be hostile. */
export function functionText({ name, file, line }: { [Key in keyof Frame]: Frame[Key] | undefined }): string {
  const place =
    file === undefined || file === ''
      ? ''
      : `  ${printable(file, 200)}${line === undefined ? '' : `:${line}`}`;
  return `${printable(name ?? '', 200)}${place}`;
}

/** `12.3%` */
export function shareText(weight: number, total: number): string {
  return total === 0 ? '' : `${((100 * weight) / total).toFixed(1)}%`;
}
