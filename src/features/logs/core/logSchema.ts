import { z } from 'zod';
import { compileExpression } from './recognise/continuation';
import { logFormats } from './logSource';
import { text } from '../../../platform/l10n/l10n';
import { someHosts } from '../../../platform/inventory/schema/oneOrMore';

const line = (description: string, example: string) =>
  z
    .string()
    .refine((text) => text.trim() !== '', { error: text('must not be empty') })
    .refine((text) => !/[\0\r\n]/.test(text), { error: text('expected one line') })
    .optional()
    .meta({ description, examples: [example], 'x-muster': 'placeholders' });

const field = (description: string) => z.string().min(1).optional().meta({ description });

/** A log to follow. */
export const logSchema = z
  .strictObject({
    on: someHosts(text('Hosts that have it. Default: every host.')).optional(),
    path: line(
      text('File to follow, or a glob; `{name}` and `{label.X}` are replaced.'),
      '/var/log/app/*.log',
    ).refine((path) => path === undefined || /^(\/|~\/|\{)/.test(path), {
      error: text('expected a path that begins with / or ~/'),
    }),
    unit: line(text('Unit of systemd whose journal to follow; `*` is all of it.'), 'nginx'),
    command: line(
      text('Command line whose output to follow. Placeholders are put in quoted, as one word each.'),
      'kubectl logs -f deploy/api',
    ),
    become: z
      .boolean()
      .optional()
      .meta({
        description: text(
          'true: read as another user, as “become” of the host or its group says. Default: false.',
        ),
      }),
    format: z
      .enum(logFormats, { error: text('expected auto, json, logfmt, clf or syslog') })
      .optional()
      .meta({ description: text('How its lines are written. Default: auto, which looks at each line.') }),
    multiline: z
      .string()
      .refine(isExpression, { error: text('expected a regular expression (RE2)') })
      .optional()
      .meta({
        description: text(
          'Expression of lines that go on with the record before. Default: lines that begin with white space.',
        ),
        examples: ['^\\s'],
      }),
    fields: z
      .strictObject({
        time: field(text('Field with the time.')),
        level: field(text('Field with the level.')),
        message: field(text('Field with the message.')),
      })
      .optional()
      .meta({ description: text('Names of fields that differ from the usual ones.') }),
  })
  .refine(
    ({ path, unit, command }) => [path, unit, command].filter((one) => one !== undefined).length === 1,
    {
      error: text('a log is one of: path, unit or command'),
    },
  )
  .meta({ description: text('A log to follow.') });

function isExpression(text: string): boolean {
  try {
    compileExpression(text);
    return true;
  } catch {
    return false;
  }
}
