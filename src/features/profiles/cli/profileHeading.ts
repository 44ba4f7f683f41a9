import { printable } from '../../../platform/text/printable';
import type { ValueType } from '../core/model/profile';
import { weightText } from '../core/model/weightText';
import type { WholeWeight } from '../core/model/wholeWeight';
import { t } from '../../../shell/cli/l10n';

/** `cpu: 1.20s in all`, what is not counted, and for a difference what its shares are of. */
export function profileHeading({ name, unit }: ValueType, { total, whole, idle }: WholeWeight): string {
  const all = t('{0}: {1} in all', printable(name), weightText(total, unit));
  if (idle !== undefined) return t('{0}; {1} idle not counted', all, weightText(idle, unit));
  if (total === whole) return all;
  return t('{0}; shares are of {1}, what grew and what shrank together', all, weightText(whole, unit));
}
