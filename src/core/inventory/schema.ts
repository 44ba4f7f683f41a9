import { z } from 'zod';
import type { Probe } from '../checks/probe';
import { t, text } from '../l10n';
import type { Profiler } from '../profiles/capture/profiler';
import { profilers } from '../profiles/capture/profilers';
import { timeoutSchema } from './durationSchema';
import { clusterSchema } from './clusterSchema';
import { logSchema } from './logSchema';
import { type SshSettings, transportNames } from './model';
import { oneOrMore } from './oneOrMore';
import { profilerCommonSchema } from './profilerSchema';
import type { ValueSource } from './valueSource';

const nonEmpty = z.string().min(1, { error: text('must not be empty') });

/** `none` anywhere but alone would be a host of that name. */
const withoutNone = (jumps: string[]) =>
  jumps
    .flatMap((part) => part.split(',').map((jump) => jump.trim()))
    .filter((jump) => jump !== '' && jump !== 'none');

export const sshSchema = z
  .strictObject({
    user: z
      .string()
      .regex(/^[^\s-][^\s]*$/, { error: text('a user name has no spaces and does not begin with “-”') })
      .optional()
      .meta({ description: 'User to log in as. Default: what ssh_config says, else your own.' }),
    port: z
      .int({ error: text('expected a port, a whole number from 1 to 65535') })
      .min(1, { error: text('a port is a number from 1 to 65535') })
      .max(65535, { error: text('a port is a number from 1 to 65535') })
      .optional()
      .meta({ description: 'Port of the SSH server. Default: 22.', examples: [22] }),
    identityFile: oneOrMore(
      text('Private key file or files, tried in order. `~` is your home folder.'),
    ).optional(),
    identitiesOnly: z
      .boolean()
      .optional()
      .meta({ description: 'Offer only the identity files, not every key of the agent.' }),
    proxyJump: oneOrMore(
      text(
        'Host or hosts to jump through, from here to there: inventory names, ssh_config aliases or user@host:port. `none` clears a default.',
      ),
      'host',
    )
      .refine((jumps) => jumps.every((jump) => !/:[^@]*@/.test(jump.replace(/^ssh:\/\//i, ''))), {
        error: text('a jump holds no password: write user@host:port, and it is asked for'),
      })
      .transform(withoutNone)
      .optional(),
    proxyCommand: nonEmpty.optional().meta({
      description: 'Command whose standard input and output carry the connection, as in ssh_config.',
    }),
    connectTimeout: timeoutSchema
      .optional()
      .meta({ description: 'Time for DNS, connecting, handshake and authentication, e.g. 5s.' }),
    knownHosts: oneOrMore(
      text(
        'known_hosts file or files that the project adds to your own ones, which always win. Keys that you trust are then remembered for this inventory only.',
      ),
    ).optional(),
  })
  .transform(({ connectTimeout, ...settings }): SshSettings => ({
    ...settings,
    ...(connectTimeout !== undefined && { connectTimeoutMs: connectTimeout }),
  }))
  .meta({ description: 'How to reach the host over SSH.' });

const transport = z.enum(transportNames);

const timeout = timeoutSchema.optional().meta({
  description: 'Time for one check on one host, connecting included. Default: 800ms.',
});

export const maxConcurrency = 10_000;

/** Every part apart, so that one bad default leaves the others. */
export const defaultsShape = {
  ssh: sshSchema
    .optional()
    .meta({ description: 'SSH settings for every host; a host’s own settings override them.' }),
  transport: transport.optional().meta({
    description:
      'How the hosts of this file are reached: ssh, or local for this machine itself. Hosts of imports keep theirs. Default: ssh.',
  }),
  timeout,
  concurrency: z
    .int({ error: () => t('expected a whole number from 1 to {0}', maxConcurrency) })
    .min(1, { error: text('at least 1 target must be in flight') })
    .max(maxConcurrency, { error: () => t('at most {0} targets can be in flight', maxConcurrency) })
    .optional()
    .meta({ description: 'Targets in flight at the same time. Default: 50.', examples: [50] }),
};

const labels = z
  .record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean()], { error: text('a label’s value is text or a number') }),
  )
  .meta({ description: 'Labels, free to choose: role, env, zone… Selectors and placeholders use them.' });

export const hostSchema = z
  .strictObject({
    address: nonEmpty.optional().meta({
      description: 'Host name or IP address. `{name}` and `{label.X}` are replaced. Default: the name.',
      'x-muster': 'placeholders' satisfies ValueSource,
    }),
    labels: labels.optional(),
    ssh: sshSchema.optional(),
    transport: transport.optional().meta({
      description:
        'How the host is reached: ssh, or local for this machine itself, without SSH. Commands then run here as you. Default: defaults.transport, else ssh.',
    }),
  })
  .nullable()
  .meta({ description: 'A host, or several: ranges such as web-[01:20] and [a:f] expand in the name.' });

export const groupSchema = z
  .strictObject({
    hosts: oneOrMore(text('Members: names, ranges and globs.'), 'host').optional(),
    select: oneOrMore(
      text('Members: the hosts that these selectors select, e.g. "role=web,env!=dev".'),
      'selector',
    ).optional(),
    children: oneOrMore(text('Other groups whose hosts belong to this one too.'), 'group').optional(),
    readOnly: z.boolean().optional().meta({
      description:
        'true: nothing is run on the hosts of this group, whatever other groups they are in. Checks are made.',
    }),
  })
  .nullable()
  .meta({ description: 'A group of hosts.' });

/** What every check has beside its probe's own settings. */
export const checkShape = {
  on: oneOrMore(text('Hosts it applies to. Default: every host.'), 'selector').optional(),
  timeout,
};

const path = (description: string) => nonEmpty.optional().meta({ description });

export const importSchema = z
  .strictObject({
    sshConfig: path(text('An ssh_config file: its literal Host aliases become hosts.')),
    ansible: path(text('An Ansible inventory, INI or YAML.')),
    muster: path(text('Another muster.yaml: its hosts, groups and checks are added.')),
  })
  .refine((entry) => Object.values(entry).filter((value) => value !== undefined).length === 1, {
    error: text('an import names one file: sshConfig, ansible or muster'),
  })
  .meta({ description: 'A file to import, relative to this one.', minProperties: 1, maxProperties: 1 });

/** The sections of the file. Checks and profilers are open here: their schema depends on `type`. */
export const rootSchema = z.strictObject({
  defaults: z
    .strictObject(defaultsShape)
    .nullable()
    .optional()
    .meta({ description: 'Settings for everything below.' }),
  hosts: z.record(z.string(), hostSchema).nullable().optional().meta({
    description: 'The hosts by name. Ranges expand as in Ansible: web-[01:20], [a:f], [0:10:2].',
  }),
  groups: z
    .record(z.string(), groupSchema)
    .nullable()
    .optional()
    .meta({ description: 'Groups of hosts by name.' }),
  checks: z
    .record(z.string(), z.unknown())
    .nullable()
    .optional()
    .meta({ description: 'Health checks by name.' }),
  etcd: z
    .record(z.string(), clusterSchema)
    .nullable()
    .optional()
    .meta({ description: 'etcd clusters by name.' }),
  profilers: z
    .record(z.string(), z.unknown())
    .nullable()
    .optional()
    .meta({ description: 'Profilers by name: what to capture from which hosts.' }),
  logs: z
    .record(z.string(), logSchema)
    .nullable()
    .optional()
    .meta({ description: text('Logs by name: files, units of the journal and commands to follow.') }),
  imports: z
    .array(importSchema)
    .nullable()
    .optional()
    .meta({ description: 'Hosts and groups from other files.' }),
});

/** Sections that begin so are left alone: a place for anchors. */
export const extensionPrefix = 'x-';

/** The part of JSON Schema (draft-07) that zod writes and the editor reads. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  patternProperties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  required?: string[];
  items?: JsonSchema | JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  'x-muster'?: ValueSource;
  [keyword: string]: unknown;
}

const converted = new WeakMap<z.ZodType, JsonSchema>();

/** The JSON Schema of what `schema` accepts in the file, before any transformation. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  let json = converted.get(schema);
  if (!json) {
    json = z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' }) as JsonSchema;
    delete json.$schema;
    converted.set(schema, json);
  }
  return json;
}

/** One check of the probe's type: its own settings and those of every check. */
export function checkJsonSchema(probe: Probe): JsonSchema {
  return typedJsonSchema(probe, toJsonSchema(z.strictObject(checkShape)).properties);
}

/** One profiler of a type. */
function profilerJsonSchema(profiler: Profiler): JsonSchema {
  return typedJsonSchema(profiler, toJsonSchema(profilerCommonSchema(profiler)).properties);
}

/** An entry whose `type` says which settings it has beside the common ones. */
function typedJsonSchema(
  { type, description, settings }: Pick<Probe, 'type' | 'description' | 'settings'>,
  common: JsonSchema['properties'],
): JsonSchema {
  const own = toJsonSchema(settings);
  return {
    type: 'object',
    description,
    properties: { type: { const: type, description }, ...common, ...own.properties },
    required: ['type', ...(own.required ?? [])],
    additionalProperties: false,
  };
}

/** A check of a type that an extension may have registered: only the editor knows what it may hold. */
function otherCheckJsonSchema(probes: readonly Probe[]): JsonSchema {
  return {
    type: 'object',
    description: 'A check of a type that another extension brings.',
    properties: { type: { type: 'string', not: { enum: probes.map(({ type }) => type) } } },
    required: ['type'],
  };
}

/** The schema of `muster.yaml`; the published one leaves types that it does not know to the editor. */
export function inventoryJsonSchema(
  probes: readonly Probe[],
  { otherTypes = false }: { otherTypes?: boolean } = {},
): JsonSchema {
  const root = structuredClone(toJsonSchema(rootSchema));
  const check: JsonSchema = {
    description: 'A check: its type says which settings it has.',
    anyOf: [...probes.map(checkJsonSchema), ...(otherTypes ? [otherCheckJsonSchema(probes)] : [])],
  };
  const profiler: JsonSchema = {
    description: 'A profiler: its type says which settings it has.',
    anyOf: profilers.map(profilerJsonSchema),
  };
  for (const [name, entry] of Object.entries({ checks: check, profilers: profiler })) {
    const section = alternatives(root.properties?.[name] ?? {}).find(
      (schema) => schema.additionalProperties !== undefined,
    );
    if (section) section.additionalProperties = entry;
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Muster inventory',
    description: 'Hosts, groups and checks of a fleet: muster.yaml',
    ...root,
    patternProperties: { [`^${extensionPrefix}`]: { description: 'Ignored: a place for YAML anchors.' } },
  };
}

/** A schema and what its `anyOf`, `oneOf` and `allOf` consist of, down to the plain ones. */
export function alternatives(schema: JsonSchema): JsonSchema[] {
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...inner.flatMap(alternatives)];
}
