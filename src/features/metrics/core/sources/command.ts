import { RE2JS } from 're2js';
import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import { type CompiledPath, jsonPathSchema } from '../../../../platform/inventory/schema/jsonPath';
import { resolveShellLine } from '../../../../platform/inventory/shell/shellLine';
import { t, text } from '../../../../platform/l10n/l10n';
import { scriptError } from '../../../../platform/transport/hostScript';
import { ExpositionReader } from '../exposition/readExposition';
import { readNumber } from '../exposition/lineReader';
import type { Problem } from '../exposition/family';
import type { Reading } from '../reading';
import { boundedText } from './boundedOutput';
import { Collected } from './collected';
import type { MetricSource } from './contract';
import { seriesIn } from './prometheus';

const name = z
  .string()
  .regex(/^[A-Za-z_][\w.:]*$/, text('expected a name of letters, digits, “_”, “.” and “:”'));

const matchSchema = z.string().transform((source, context): RE2JS => {
  try {
    const compiled = RE2JS.compile(source, RE2JS.MULTILINE);
    if (compiled.groupCount() === 1) return compiled;
    context.addIssue({
      code: 'custom',
      message: t('the expression needs one group, whose text is the number'),
    });
  } catch (error) {
    context.addIssue({
      code: 'custom',
      message: t('no RE2 regular expression: {0}', (error as Error).message),
    });
  }
  return z.NEVER;
});

const settings = z
  .strictObject({
    run: z
      .string()
      .min(1)
      .describe('Command line for the shell of the host. Placeholders are put in quoted, as one word each.'),
    json: z
      .record(name, jsonPathSchema)
      .optional()
      .describe('Series by name, each with the JSONPath (RFC 9535) of its number in the standard output.'),
    match: z
      .record(name, matchSchema.meta({ format: 'regex' }))
      .optional()
      .describe('Series by name, each with an expression (RE2) whose one group is its number.'),
  })
  .refine(({ json, match }) => json === undefined || match === undefined, {
    error: text('json and match exclude each other'),
  });
type Settings = z.output<typeof settings>;

const mostBytes = 4 * 1024 * 1024;
/** JSON is read at once. */
const mostJson = 2 * 1024 * 1024;

export const command: MetricSource<Settings> = {
  type: 'command',
  description:
    'Runs a command that prints numbers: as text of Prometheus, as JSON, or as text in which expressions find them.',
  settings,
  commandLines: ['run'],
  async read(host, { run, json, match }, { transport, deadline, operation, become }) {
    const channel = await transport.exec(host, resolveShellLine(run, host), { deadline, operation, become });
    const unhear = deadline.onAbort(() => channel.close());
    let stderr = '';
    channel.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4096)));
    channel.stdin.on('error', () => {});
    channel.stdin.end();
    try {
      const output = await boundedText(channel.stdout, json ? mostJson : mostBytes);
      const exit = await channel.exit;
      if (deadline.reason) throw deadline.reason;
      if (exit.exitCode !== 0) throw scriptError(host, t('the command'), { ...exit, stdout: output, stderr });
      if (json) return readJson(output, json);
      return match ? readMatches(output, match) : await readText(output);
    } catch (error) {
      if (deadline.reason) throw deadline.reason;
      if (!MusterError.is(error)) throw new MusterError('RESET', (error as Error).message, { cause: error });
      throw new MusterError(error.code, error.message, {
        ...{ host: host.name, phase: 'run', cause: error.cause },
        ...(error.hint !== undefined && { hint: error.hint }),
      });
    } finally {
      unhear();
      channel.close();
    }
  },
};

async function readText(output: string): Promise<Reading> {
  const reader = new ExpositionReader('prometheus');
  for (let at = 0; at < output.length; at += 64 * 1024) reader.push(output.slice(at, at + 64 * 1024));
  const { problems, problemCount, isComplete, ...page } = reader.end(true);
  const series = await seriesIn(page);
  if (series.length === 0)
    throw new MusterError('PROTOCOL', t('the command printed no metrics'), {
      hint: t('It prints the text format of Prometheus, or “json” or “match” says where its numbers are.'),
    });
  return { at: Date.now(), series, problems, problemCount, isComplete };
}

/** A path that selects nothing, or no number, is a series that is not there. */
function readJson(output: string, paths: Readonly<Record<string, CompiledPath>>): Reading {
  const collected = new Collected();
  const problems: Problem[] = [];
  let document: Parameters<CompiledPath['select']>[0];
  try {
    document = JSON.parse(output) as typeof document;
  } catch (error) {
    throw new MusterError('PROTOCOL', t('the command did not print JSON'), { cause: error });
  }
  for (const [series, { path, select }] of Object.entries(paths)) {
    const [value, ...more] = select(document);
    const number = typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : undefined;
    if (number !== undefined && more.length === 0) collected.add('unknown', series, number);
    else problems.push({ line: 1, message: t('{0} does not select one number', path) });
  }
  return { ...collected.reading(), problems, problemCount: problems.length };
}

function readMatches(output: string, expressions: Readonly<Record<string, RE2JS>>): Reading {
  const collected = new Collected();
  const problems: Problem[] = [];
  for (const [series, expression] of Object.entries(expressions)) {
    const matcher = expression.matcher(output);
    const value = matcher.find() ? readNumber(matcher.group(1) ?? '') : undefined;
    if (value === undefined)
      problems.push({ line: 1, message: t('{0} matches no number', expression.pattern()) });
    else collected.add('unknown', series, value);
  }
  return { ...collected.reading(), problems, problemCount: problems.length };
}
