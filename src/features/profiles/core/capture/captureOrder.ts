import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import type { CaptureKind, CaptureOrder, Profiler } from './profiler';

/** Milliseconds for which is recorded when nothing is said. */
export const defaultDurationMs = 10_000;
/** Milliseconds; longer ones fill memory and disks rather than tell more. */
export const longestDurationMs = 3_600_000;

/** What was chosen; what was not is the profiler's own. */
export interface OrderChoices {
  kind?: string | undefined;
  durationMs?: number | undefined;
  rate?: number | undefined;
  pid?: number | undefined;
}

/** The order that choices come to. @throws MusterError USAGE when the profiler has no such kind or rate, PROTOCOL when it refuses the kind */
export function captureOrder(
  profiler: Profiler,
  { kind, durationMs, rate, pid }: OrderChoices,
): CaptureOrder {
  const known = kindOf(profiler, kind);
  if (known.refused)
    throw new MusterError('PROTOCOL', t(known.refused.message), {
      hint: t(known.refused.hint),
      phase: 'inventory',
    });
  if (rate !== undefined && !profiler.rate)
    throw new MusterError('USAGE', t('{0} has no rate', profiler.title), {
      phase: 'inventory',
      hint: t('Leave out the rate.'),
    });
  const most = profiler.rate?.most ?? 0;
  if (rate !== undefined && rate > most)
    throw new MusterError('USAGE', t('{0} takes {1} samples a second at most', profiler.title, most), {
      phase: 'inventory',
      hint: t('Choose a lower rate: 100 is plenty for most services.'),
    });
  return {
    ...{ kind: known, durationMs: durationMs ?? defaultDurationMs, hasDuration: durationMs !== undefined },
    rate: rate ?? profiler.rate?.default ?? 0,
    ...(pid !== undefined && { pid }),
  };
}

function kindOf({ kinds, title }: Profiler, name: string | undefined): CaptureKind {
  if (name === undefined) return kinds[0];
  const found = kinds.find((kind) => kind.name === name);
  if (found) return found;
  throw new MusterError('USAGE', t('{0} captures no “{1}”', title, printable(name, 40)), {
    phase: 'inventory',
    hint: t('It captures {0}.', kinds.map((kind) => kind.name).join(', ')),
  });
}
