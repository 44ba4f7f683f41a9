import type { Question } from 'dns-packet';
import { z } from 'zod';
import type { Deadline } from '../../deadline';
import { MusterError } from '../../errors';
import type { Host } from '../../inventory/model';
import { resolvePlaceholders } from '../../inventory/placeholders';
import { t, text } from '../../l10n';
import { answerText, comparable, type RecordType, recordTypes, reverseName } from '../dns/answerText';
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

const settings = z.strictObject({
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
type Settings = z.output<typeof settings>;

async function run(host: Host, settings: Settings, { deadline }: ProbeContext): Promise<Finding> {
  const measured = new ProbeMeasurements();
  const answer = await firstAnswer(host, settings, deadline, measured);
  const totalMs = measured.total();
  const { record } = settings;
  // An alias leads to records of the type: those are the answer.
  const records = (answer.answers ?? []).filter(({ type }) => type === record);
  const texts = records.flatMap((one) => answerText(one) ?? []);
  const ttls = (answer.answers ?? []).flatMap((one) => ('ttl' in one ? (one.ttl ?? []) : []));
  const ttl = ttls.length > 0 ? Math.min(...ttls) : undefined;
  measured.record('dns.answer.records', texts.length, '1');
  if (ttl !== undefined) measured.record('dns.answer.ttl', ttl, 's');
  return conclude(
    judge(host, settings, answer.rcode, texts, ttl, totalMs),
    shown(answer, texts, ttl),
    measured.found,
  );
}

/** The answer of the first resolver that gives one. @throws MusterError */
function firstAnswer(
  host: Host,
  settings: Settings,
  deadline: Deadline,
  measured: ProbeMeasurements,
): Promise<DnsAnswer> {
  const { record } = settings;
  const written = resolvePlaceholders(settings.name, host);
  const name = asciiName(record === 'PTR' ? reverseName(written) : written, written);
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

function judge(
  host: Host,
  { record, expect }: Settings,
  code: string,
  texts: readonly string[],
  ttl: number | undefined,
  totalMs: number,
): Mismatch[] {
  if (code !== expect.code) return [{ status: 'unhealthy', expected: expect.code, actual: code }];
  return [
    ...(expect.answers || code === 'NOERROR' ? matchRecords(host, record, expect, texts) : []),
    ...(expect.ttl ? matchThreshold(t('time to live in seconds'), expect.ttl, ttl) : []),
    ...matchLatency(expect.maxLatency, totalMs),
  ];
}

function matchRecords(
  host: Host,
  record: RecordType,
  { answers = [], exactly }: Settings['expect'],
  texts: readonly string[],
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
  return [{ status: 'unhealthy', expected, actual: texts.join(', ') || t('none') }];
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
