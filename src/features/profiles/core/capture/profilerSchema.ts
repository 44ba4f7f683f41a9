import { z } from 'zod';
import { longestDurationMs } from './captureOrder';
import type { Profiler } from './profiler';
import { durationSchema } from '../../../../platform/inventory/schema/durationSchema';
import { someHosts } from '../../../../platform/inventory/schema/oneOrMore';
import { t, text } from '../../../../platform/l10n/l10n';

/** What every profiler has beside its own settings. */
function commonShape({ kinds, rate }: Profiler) {
  const captured = kinds.filter(({ refused }) => !refused);
  const listed = captured.map(({ name, description }) => `${name} (${description})`).join(', ');
  return {
    on: someHosts(text('Hosts that it can capture from. Default: every host.')).optional(),
    kind: z
      .enum(captured.map(({ name }) => name))
      .optional()
      .meta({ description: `What is captured: ${listed}. Default: ${kinds[0].name}.` }),
    duration: durationSchema(`${longestDurationMs / 3_600_000}h`)
      .optional()
      .meta({ description: 'How long it records. Default: 10s.' }),
    ...(rate && {
      rate: z
        .int({ error: () => t('expected a whole number from 1 to {0}', rate.most) })
        .min(1, { error: text('at least 1 sample a second') })
        .max(rate.most, { error: () => t('at most {0} samples a second', rate.most) })
        .optional()
        .meta({ description: `Samples a second. Default: ${rate.default}.` }),
    }),
  };
}

/** The keys of every profiler as one schema. */
export function profilerCommonSchema(profiler: Profiler) {
  return z.strictObject(commonShape(profiler)) as z.ZodType<{
    on?: string[];
    kind?: string;
    duration?: number;
    rate?: number;
  }>;
}
