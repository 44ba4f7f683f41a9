import { z } from 'zod';
import { type ClusterEntry, clusterEntries } from '../../etcd/core/section/clusterEntry';
import { metricEntries } from '../../metrics/core/contract';
import type { Reference, Targets } from '../../../platform/inventory/fragment';
import { labelProblem } from '../../../platform/inventory/hostName';
import { type JsonSchema, toJsonSchema } from '../../../platform/inventory/schema/jsonSchema';
import { child, locate, references } from '../../../platform/inventory/yaml/located';
import { durationSchema, timeoutSchema } from '../../../platform/inventory/schema/durationSchema';
import { oneOrMore, someHosts } from '../../../platform/inventory/schema/oneOrMore';
import { placeholdersUsed } from '../../../platform/inventory/yaml/placeholdersUsed';
import { defaultsShape } from '../../../platform/inventory/schema/schema';
import type { EntryDefaults, Scope, Section } from '../../../platform/inventory/section';
import { typedAs, typedEntrySchema } from '../../../platform/inventory/typedEntry';
import { validate } from '../../../platform/inventory/validation';
import type { Entry, YamlSource } from '../../../platform/inventory/yaml/yamlSource';
import { t, text } from '../../../platform/l10n/l10n';
import { type Check, checks } from './check';
import type { Probe } from './probe';

interface CheckDraft extends Omit<Check, 'hosts' | 'after'>, Targets {
  /** The checks that it comes after. */
  after?: Reference[];
  /** The etcd cluster that it asks. */
  cluster?: Reference;
  /** The source of metrics that it reads. */
  metricSource?: Reference;
}

const shortestIntervalMs = 1_000;
const mostTimes = 100;
/** How many times, from `fewest` on. */
const times = (fewest: number) => {
  const error = () => t('expected a whole number from {0} to {1}', fewest, mostTimes);
  return z.int({ error }).min(fewest, { error }).max(mostTimes, { error }).optional();
};

/** What every check has beside its probe's own settings. */
const commonShape = {
  on: someHosts(text('Hosts it applies to. Default: every host.')).optional(),
  timeout: defaultsShape.timeout,
  after: oneOrMore(
    text(
      'Checks that come first: where one of them is unhealthy on the same host, or, if it is not made there, on any host, this check is skipped.',
    ),
    'check',
  ).optional(),
  retries: times(0).meta({
    description: 'How often it is made again while it is unhealthy. Default: 0.',
    examples: [2],
  }),
  retryDelay: timeoutSchema
    .optional()
    .meta({ description: 'Time between two attempts. Default: 1s.', examples: ['1s'] }),
  interval: durationSchema('1d')
    .refine((ms) => ms >= shortestIntervalMs, {
      error: () => t('expected an interval of {0} or more', '1s'),
    })
    .optional()
    .meta({
      description: 'How often `muster serve` makes it. Default: as its --interval.',
      examples: ['30s'],
    }),
  unhealthyAfter: times(1).meta({
    description:
      'Where it is repeated: unhealthy results in a row after which it counts as unhealthy. Default: 1.',
    examples: [3],
  }),
  healthyAfter: times(1).meta({
    description:
      'Where it is repeated: good results in a row after which it is no longer unhealthy. Default: 1.',
    examples: [2],
  }),
};
const commonSchema = z.object(commonShape);
const commonKeys = ['type', ...Object.keys(commonShape)];

/**
 * The section `checks`, for these kinds of checks.
 * @param otherTypes whether its schema leaves types that it does not know to the editor, as the published one does
 */
export function checkSection(
  probes: readonly Probe[],
  { otherTypes = false }: { otherTypes?: boolean } = {},
): Section<CheckDraft, Check> {
  const section: Section<CheckDraft, Check> = {
    ...checks,
    noun: text('check'),
    description: 'Health checks by name.',
    duplicate: text('duplicate check “{0}”: the first is in {1}'),
    placeholders: true,
    outlineKey: 'type',
    schema: () => ({
      description: 'A check: its type says which settings it has.',
      anyOf: [...probes.map(schemaOf), ...(otherTypes ? [otherSchema(probes)] : [])],
    }),
    read(source, entry, defaults) {
      const fault = labelProblem(entry.key);
      if (fault !== undefined) source.add('error', fault, source.rangeOf(entry.keyNode));
      const probe = typedAs(source, entry, probes, section);
      return probe && fault === undefined ? readCheck(source, entry, probe, defaults) : undefined;
    },
    assemble: assembleCheck,
    relate: reportCircles,
    summary: ({ type, hosts }) => ({ detail: type, facts: { hosts } }),
  };
  return section;
}

/** One check of the probe's type: its own settings and those of every check. */
function schemaOf(probe: Probe): JsonSchema {
  return typedEntrySchema(probe, toJsonSchema(z.strictObject(commonShape)).properties);
}

/** A check of a type that an extension may have registered: only the editor knows what it may hold. */
function otherSchema(probes: readonly Probe[]): JsonSchema {
  return {
    type: 'object',
    description: 'A check of a type that another extension brings.',
    properties: { type: { type: 'string', not: { enum: probes.map(({ type }) => type) } } },
    required: ['type'],
  };
}

function readCheck(
  source: YamlSource,
  entry: Entry,
  probe: Probe,
  defaults: EntryDefaults,
): CheckDraft | undefined {
  const located = locate(source, entry);
  const all = located.value as Record<string, unknown>;
  const own = Object.fromEntries(Object.entries(all).filter(([key]) => !commonKeys.includes(key)));
  const common = validate(source, commonSchema, located);
  const settings = validate(source, probe.settings, { ...located, value: own }, commonKeys);
  const used = placeholdersUsed(source, entry, commonKeys, probe.commandLines);
  if (!common || !settings || !used) return undefined;
  const timeoutMs = common.timeout ?? defaults.timeoutMs;
  const fault = probe.fault?.(settings, timeoutMs);
  if (fault !== undefined) {
    source.add('error', fault, located.fallback);
    return undefined;
  }
  const [cluster] = probe.type === 'etcd' ? references(source, child(source, entry, 'cluster')) : [];
  const [metricSource] = probe.type === 'metric' ? references(source, child(source, entry, 'source')) : [];
  return {
    name: entry.key,
    type: probe.type,
    on: common.on && references(source, child(source, entry, 'on')),
    timeoutMs,
    ...(common.after && { after: references(source, child(source, entry, 'after')) }),
    ...{ retries: common.retries, retryDelayMs: common.retryDelay },
    intervalMs: common.interval,
    ...{ unhealthyAfter: common.unhealthyAfter, healthyAfter: common.healthyAfter },
    settings,
    input: own,
    ...used,
    ...(cluster && { cluster }),
    ...(metricSource && { metricSource }),
    source: located.fallback,
  };
}

function assembleCheck(
  { on, labels, commandLines, cluster, metricSource, after, ...check }: CheckDraft,
  scope: Scope,
): Check | undefined {
  const asked = cluster && scope.find(clusterEntries, cluster, t('no etcd cluster “{0}”', cluster.text));
  if (cluster && !asked) return undefined;
  const read =
    metricSource &&
    scope.find(metricEntries, metricSource, t('no source of metrics “{0}”', metricSource.text));
  if (metricSource && !read) return undefined;
  const everywhere = asked && !on ? placeOf(asked, check, scope) : read?.hosts;
  const targets = { on, labels, commandLines };
  const hosts = scope.hostsOf(t('check “{0}”', check.name), targets, everywhere);
  const isWritten = (reference: Reference) =>
    scope.isWritten(checks, reference, t('no check “{0}”', reference.text));
  const first = after?.filter(isWritten).map(({ text }) => text);
  return hosts && { ...check, ...(first && { after: first }), hosts };
}

/** Circles of `after`, in which every check would wait for itself; the reference that closes one is left out. */
function reportCircles(drafts: readonly CheckDraft[], entries: Map<string, Check>, scope: Scope): void {
  const byName = new Map(drafts.map((draft) => [draft.name, draft]));
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]) => {
    for (const reference of byName.get(name)?.after ?? []) {
      const { text: next, range } = reference;
      const begin = [...way, name].indexOf(next);
      if (begin >= 0) {
        const circle = [...[...way, name].slice(begin), next].join(' → ');
        scope.report('error', t('cyclic after: {0}', circle), range);
        const check = entries.get(name);
        if (check) entries.set(name, { ...check, after: check.after?.filter((one) => one !== next) ?? [] });
      } else if (!done.has(next)) visit(next, [...way, name]);
    }
    done.add(name);
  };
  for (const name of byName.keys()) if (!done.has(name)) visit(name, []);
}

/** Where a check of a cluster stands that does not say so: asking once is enough. */
function placeOf({ name, through }: ClusterEntry, { source }: Pick<Check, 'source'>, scope: Scope): string[] {
  if (through !== undefined) return [through];
  const message = t(
    'the check of cluster “{0}” asks all of it: say with “on” for which host it stands',
    name,
  );
  scope.report('error', message, source);
  return [];
}
