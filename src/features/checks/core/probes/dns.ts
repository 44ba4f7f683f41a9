import type { Answer, Question } from 'dns-packet';
import { z } from 'zod';
import type { Deadline } from '../../../../platform/batch/deadline';
import { MusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../../platform/l10n/l10n';
import { answerText, comparable, type RecordType, recordTypes, reverseName } from '../dns/answerText';
import { recordsOf } from '../dns/recordsOf';
import type { DnsAnswer, Resolver } from '../dns/askResolver';
import { asciiName, askInTurn, ownResolvers, parseResolver } from '../dns/resolvers';
import {
  conclude,
  limitSchema,
  matchLatency,
  matchThreshold,
  type Mismatch,
  thresholdSchema,
} from '../expectation';
import type { Finding, Probe, ProbeContext } from '../probe';
import { ProbeMeasurements } from '../probeMeasurements';

const codes = ['NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED', 'FORMERR', 'NOTIMP'] as const;

const shape = z.strictObject({
  name: z.string().min(1).describe('Name to ask for, with placeholders; of an IP address with `PTR`.'),
  record: z.enum(recordTypes).default('A').describe('Type of the records. Default: A.'),
  resolver: z
    .string()
    .refine((resolver) => resolver.includes('{') || parseResolver(resolver) !== undefined, {
      error: text('a resolver is an address or a name, with or without a port: 10.0.0.2, [::1]:53'),
    })
    .optional()
    .describe(
      'Name server to ask, with placeholders: `{address}` is the host itself. Default: those of this machine.',
    ),
  protocol: z
    .enum(['udp', 'tcp'])
    .default('udp')
    .describe('`udp` (default) asks again over TCP where the answer was cut; `tcp` asks over TCP only.'),
  recursion: z.boolean().default(true).describe('Whether the name server is to ask others. Default: true.'),
  expect: z
    .strictObject({
      code: z.enum(codes).default('NOERROR').describe('Code of the answer. Default: NOERROR.'),
      answers: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe(
          'Records that must be in the answer, with placeholders, e.g. `10 mail.example.com` for MX.',
        ),
      exactly: z
        .boolean()
        .default(false)
        .describe('true: no other records than `answers` may be in the answer.'),
      ttl: thresholdSchema.optional().describe('Bounds on the shortest time to live, in seconds.'),
      maxLatency: limitSchema(
        text('Slower than this is degraded.'),
        text('Slower than this is unhealthy.'),
      ).optional(),
    })
    .refine(({ exactly, answers }) => !exactly || answers !== undefined, {
      error: text('`exactly` needs `answers`'),
      path: ['exactly'],
    })
    .prefault({})
    .describe('What the answer must be like. There must be a record of the type that is asked for.'),
});
const settings = shape.refine(
  ({ name, record }) => name.includes('{') || wireName(name, record) !== undefined,
  { path: ['name'], error: text('not a domain name') },
);
type Settings = z.output<typeof settings>;

async function run(host: Host, settings: Settings, { deadline }: ProbeContext): Promise<Finding> {
  const measured = new ProbeMeasurements();
  const answer = await firstAnswer(host, settings, deadline, measured);
  const totalMs = measured.total();
  const { record } = settings;
  const { records, aliases } = recordsOf(answer, record);
  const texts = records.flatMap((one) => answerText(one) ?? []);
  const ttls = [...aliases, ...records].flatMap((one) => ('ttl' in one ? (one.ttl ?? []) : []));
  const ttl = ttls.length > 0 ? Math.min(...ttls) : undefined;
  measured.record('dns.answer.records', texts.length, '1');
  if (ttl !== undefined) measured.record('dns.answer.ttl', ttl, 's');
  return conclude(
    judge(host, settings, { code: answer.rcode, texts, aliases, ttl, totalMs }),
    shown(answer, texts, ttl),
    measured.found,
  );
}

function wireName(written: string, record: RecordType): string | undefined {
  return asciiName(record === 'PTR' ? reverseName(written) : written);
}

function notAName(written: string, host: Host): MusterError {
  return new MusterError('INVENTORY', t('“{0}” is not a domain name', written), {
    ...{ host: host.name, phase: 'inventory' },
    hint: t(
      'A name has no blanks, no empty part between two dots, at most 253 characters, and 63 between two dots.',
    ),
  });
}

/** The answer of the first resolver that gives one. @throws MusterError */
async function firstAnswer(
  host: Host,
  settings: Settings,
  deadline: Deadline,
  measured: ProbeMeasurements,
): Promise<DnsAnswer> {
  const { record } = settings;
  const written = resolvePlaceholders(settings.name, host);
  const name = wireName(written, record);
  if (name === undefined) throw notAName(written, host);
  const question: Question = { type: record, name, class: 'IN' };
  return askInTurn(resolversOf(host, settings), question, settings, deadline, measured);
}

function resolversOf(host: Host, { resolver }: Settings): Resolver[] {
  if (resolver === undefined) return ownResolvers();
  const written = resolvePlaceholders(resolver, host);
  const parsed = parseResolver(written);
  if (parsed) return [parsed];
  throw new MusterError('INVENTORY', t('“{0}” is not the address of a name server', written), {
    ...{ host: host.name, phase: 'inventory' },
    hint: t('Write an address or a name, with or without a port: 10.0.0.2, [::1]:53.'),
  });
}

/** What was found of an answer. */
interface Found {
  code: string;
  texts: readonly string[];
  aliases: readonly Answer[];
  /** Seconds. */
  ttl: number | undefined;
  totalMs: number;
}

function judge(
  host: Host,
  { record, expect }: Settings,
  { code, texts, aliases, ttl, totalMs }: Found,
): Mismatch[] {
  if (code !== expect.code) return [{ status: 'unhealthy', expected: expect.code, actual: code }];
  return [
    ...(expect.answers || code === 'NOERROR' ? matchRecords(host, record, expect, texts, aliases) : []),
    ...(expect.ttl ? matchThreshold(t('time to live in seconds'), expect.ttl, ttl) : []),
    ...matchLatency(expect.maxLatency, totalMs),
  ];
}

function matchRecords(
  host: Host,
  record: RecordType,
  { answers = [], exactly }: Settings['expect'],
  texts: readonly string[],
  aliases: readonly Answer[],
): Mismatch[] {
  const wanted = answers.map((one) => resolvePlaceholders(one, host));
  const wantedSet = new Set(wanted.map((one) => comparable(record, one)));
  const found = new Set(texts.map((one) => comparable(record, one)));
  const isComplete = found.size > 0 && [...wantedSet].every((one) => found.has(one));
  if (isComplete && !(exactly && found.size > wantedSet.size)) return [];
  const list = wanted.join(', ');
  const expected =
    list === ''
      ? t('{0} records', record)
      : exactly
        ? t('{0} records {1} and no others', record, list)
        : t('{0} records {1}', record, list);
  return [{ status: 'unhealthy', expected, actual: texts.join(', ') || nothingBut(aliases) }];
}

/** An alias without an end is what one needs to see. */
function nothingBut(aliases: readonly Answer[]): string {
  const end = aliases.at(-1);
  return end ? t('none behind the alias {0}', answerText(end) ?? end.name) : t('none');
}

function shown({ rcode }: DnsAnswer, texts: readonly string[], ttl: number | undefined): string {
  if (texts.length === 0) return rcode;
  return ttl === undefined ? texts.join(', ') : t('{0}, for {1} s', texts.join(', '), ttl);
}

export const dns: Probe<Settings> = {
  type: 'dns',
  description: 'Asks a name server for records, and judges its answer.',
  settings,
  socketsOnly: () => true,
  run,
};
