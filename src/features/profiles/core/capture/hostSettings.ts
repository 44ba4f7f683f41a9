import { z } from 'zod';
import { patternSchema } from '../../../../platform/inventory/schema/pattern';
import { text } from '../../../../platform/l10n/l10n';

const nonEmpty = z.string().min(1, { error: text('must not be empty') });

/** Settings of profilers that look at a process of the host. */
export const processShape = {
  process: patternSchema
    .optional()
    .describe(
      'Regular expression (RE2) for the command line of the process; the busiest that matches is taken.',
    ),
  sudo: z.boolean().default(false).describe('true: through sudo -n. Default: false.'),
  become: z
    .boolean()
    .default(false)
    .describe('true: as another user, as “become” of the host or its group says. Default: false.'),
};

/** The same with where the tool is. */
export const toolShape = (name: string) => ({
  ...processShape,
  path: nonEmpty.default(name).describe('The tool on the host, where it is not found by its own name.'),
});
