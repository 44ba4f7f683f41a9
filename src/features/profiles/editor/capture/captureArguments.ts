import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import { l10n } from 'vscode';
import { parseDuration } from '../../../../platform/inventory/schema/duration';

const argumentsSchema = z.object({
  selector: z.string().optional(),
  /** The name of a profiler of muster.yaml. */
  profiler: z.string().optional(),
  inventory: z.string().optional(),
  kind: z.string().optional(),
  duration: z
    .string()
    .transform((text) => parseDuration(text))
    .optional(),
  rate: z.number().int().positive().optional(),
  pid: z.number().int().positive().optional(),
});

/** The arguments of a key binding for "Capture Profile…". @throws MusterError USAGE */
export function readCaptureArguments(value: unknown) {
  try {
    const { duration, ...rest } = argumentsSchema.parse(value);
    return { ...rest, ...(duration !== undefined && { durationMs: duration }) };
  } catch (error) {
    throw new MusterError('USAGE', l10n.t('These are not arguments for “Capture Profile…”.'), {
      hint: l10n.t('They are selector, profiler, inventory, kind, duration, rate and pid.'),
      cause: error,
    });
  }
}
