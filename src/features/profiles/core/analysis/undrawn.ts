import { t } from '../../../../platform/l10n/l10n';
import type { Profile } from '../model/profile';
import { weightText } from '../model/weightText';

/** What flame graphs and speedscope's format have no place for: weights below 0, which a difference has. */
export function undrawn({ valueTypes, tree }: Profile): string[] {
  return valueTypes.flatMap(({ name, unit }, index) => {
    const below = tree.self[index]!.reduce((sum, weight) => sum + Math.min(0, weight), 0);
    return below < 0
      ? [t('{0}: {1} below 0 cannot be drawn and is left out', name, weightText(below, unit))]
      : [];
  });
}
