import { z } from 'zod';
import { t, text } from '../../../platform/l10n/l10n';
import type { Limit } from './expectation';

const units = ['', 'k', 'm', 'g', 't'];
const pattern = /^(\d{1,15}(?:\.\d+)?)\s?([kmgt]?)(?:i?b)?$/i;

/** Bytes as a number, or as text such as `512MiB`; units are powers of 1024. */
const sizeSchema = z
  .union([z.number().positive(), z.string()], { error: text('expected a size such as 2GiB or 512MiB') })
  .transform((size, context): number => {
    if (typeof size === 'number') return size;
    const [, amount, unit] = pattern.exec(size) ?? [];
    const bytes = Number(amount) * 1024 ** units.indexOf(unit?.toLowerCase() ?? '');
    if (bytes > 0) return bytes;
    context.addIssue({ code: 'custom', message: t('“{0}” is not a size such as 2GiB or 512MiB', size) });
    return z.NEVER;
  })
  .meta({ examples: ['2GiB', '512MiB'] });

/** A size in bytes (critical), or `{ warn, critical }`. */
export function sizeLimitSchema(warn: string, critical: string) {
  return z.union([
    sizeSchema.transform((bytes): Limit => ({ critical: bytes })).describe(critical),
    z
      .strictObject({
        warn: sizeSchema.optional().describe(warn),
        critical: sizeSchema.optional().describe(critical),
      })
      .refine(
        (limit) => limit.warn !== undefined || limit.critical !== undefined,
        text('needs warn or critical'),
      ),
  ]);
}
