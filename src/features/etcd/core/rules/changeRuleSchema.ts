import { z } from 'zod';
import { keyPatternProblem } from '../keys/keyPatternProblem';
import { text } from '../../../../platform/l10n/l10n';
import { durationSchema } from '../../../../platform/inventory/schema/durationSchema';
import { oneOrMore, someHosts } from '../../../../platform/inventory/schema/oneOrMore';

/** What to do when keys of a cluster change. */
export const changeRuleSchema = z
  .strictObject({
    keys: oneOrMore(
      text(
        'Keys it is about, after the cluster’s prefix: * is a part of a name, ** anything, nginx/ all below, {name} the name of an affected host.',
      ),
    ).superRefine((patterns, context) => {
      for (const pattern of patterns) {
        const message = keyPatternProblem(pattern);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      }
    }),
    on: someHosts(
      text('Hosts that a change affects. Default: every host, or with {name} the one of that name.'),
    ).optional(),
    notify: z
      .boolean()
      .optional()
      .meta({ description: 'false: no notification where nothing has to be asked. Default: true.' }),
    check: z
      .union([
        z.boolean(),
        oneOrMore(text('Checks of the affected hosts to make, after the run if there is one.'), 'check'),
      ])
      .optional()
      .meta({
        description:
          'true: makes the checks of the affected hosts, after the run if there is one; a list: these. Default: true with run.',
        'x-muster': 'check',
      }),
    run: z
      .string()
      .refine((line) => line.trim() !== '', { error: text('must not be empty') })
      .refine((line) => !/[\0\r\n]/.test(line.trim()), { error: text('expected one command line') })
      .transform((line) => line.trim())
      .optional()
      .meta({
        description:
          'Command line offered to be run on the affected hosts. It is asked about, unless you gave this rule your standing consent.',
        examples: ['systemctl reload nginx'],
      }),
    settle: durationSchema('1h')
      .optional()
      .meta({ description: 'Changes with shorter pauses between them are one. Default: 2s.' }),
  })
  .meta({ description: 'What to do when keys change: notify, check, or offer a run.' });
