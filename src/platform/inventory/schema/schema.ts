import { z } from 'zod';
import { t, text } from '../../l10n/l10n';
import { timeoutSchema } from './durationSchema';
import { alternatives, type JsonSchema, toJsonSchema } from './jsonSchema';
import { becomeMethods, type BecomeSettings, type SshSettings, transportNames } from '../model';
import { oneOrMore } from './oneOrMore';
import { outerSections, type Section, type Sections } from '../section';
import type { ValueSource } from '../yaml/valueSource';

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
    certificateFile: oneOrMore(
      text(
        'Certificate file or files of your keys, offered before keys. Without it, those beside the identity files (`KEY-cert.pub`) are used. `none` uses none.',
      ),
    )
      .transform((files) => files.filter((file) => file !== 'none'))
      .optional(),
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

/** With a password, others than these ask at a terminal, or a service of the desktop. */
const passwordMethods: readonly unknown[] = ['sudo', 'su', undefined];

const becomeMapping = z
  .strictObject({
    user: z
      .string()
      .regex(/^[A-Za-z0-9_][\w.@-]*\$?$/, {
        error: text('a user name has letters, digits and . _ @ -, and does not begin with “-”'),
      })
      .optional()
      .meta({ description: 'User to become. Default: root.', examples: ['root'] }),
    method: z
      .enum(becomeMethods, { error: text('expected sudo, doas, su or run0') })
      .optional()
      .meta({ description: 'Program to become another user with. Default: sudo.' }),
    password: z
      .enum(['ask', 'none'], { error: text('expected ask or none') })
      .optional()
      .meta({
        description:
          'ask: the password is asked for once, where a host wants it. none: no password is sent. Default: ask with sudo and su, else none.',
      }),
  })
  .refine(({ method, password }) => password !== 'ask' || passwordMethods.includes(method), {
    error: text('doas and run0 take no password from a program: write password: none'),
  });

/** `true` says no more than that the password is that of whoever says so. */
export const becomeSchema = z
  .union([z.literal(true), becomeMapping], {
    error: text('expected true, or a mapping with user, method and password'),
  })
  .transform((given): BecomeSettings => (given === true ? {} : given))
  .meta({
    description:
      'How commands become another user on the hosts. Whether they do is said by --become, or by become: true of a check, a log or a profiler. The password is asked for once, and sent to no other hosts.',
  });

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
  become: becomeSchema.optional(),
  timeout,
  concurrency: z
    .int({ error: () => t('expected a whole number from 1 to {0}', maxConcurrency) })
    .min(1, { error: text('at least 1 target must be in flight') })
    .max(maxConcurrency, { error: () => t('at most {0} targets can be in flight', maxConcurrency) })
    .optional()
    .meta({ description: 'Targets in flight at the same time. Default: 50.', examples: [50] }),
};

export const labelsSchema = z
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
    labels: labelsSchema.optional(),
    ssh: sshSchema.optional(),
    transport: transport.optional().meta({
      description:
        'How the host is reached: ssh, or local for this machine itself, without SSH. Commands then run here as you. Default: defaults.transport, else ssh.',
    }),
    become: becomeSchema.optional(),
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
    become: becomeSchema.optional(),
  })
  .nullable()
  .meta({ description: 'A group of hosts.' });

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

const ownShape = {
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
};

/** The sections that are the inventory's own. */
const rootSchema = z.strictObject({
  ...ownShape,
  imports: z
    .array(importSchema)
    .nullable()
    .optional()
    .meta({ description: 'Hosts and groups from other files.' }),
});

/** The keys at the top of the file. */
export function topKeys(sections: Sections): string[] {
  return [...Object.keys(ownShape), ...outerSections(sections).map(({ key }) => key), 'imports'];
}

/** Sections that begin so are left alone: a place for anchors. */
export const extensionPrefix = 'x-';

const made = new WeakMap<object, JsonSchema>();

function once(of: object, make: () => JsonSchema): JsonSchema {
  let json = made.get(of);
  if (!json) made.set(of, (json = make()));
  return json;
}

/** The schema of one entry of a section. */
export function entryJsonSchema(section: Section): JsonSchema {
  return once(section, () => section.schema());
}

/** The schema of `muster.yaml`. */
export function inventoryJsonSchema(sections: Sections): JsonSchema {
  return once(sections, () => makeInventoryJsonSchema(sections));
}

function makeInventoryJsonSchema(sections: Sections): JsonSchema {
  const root = toJsonSchema(rootSchema);
  const own = new Map(Object.entries(root.properties ?? {}));
  for (const section of outerSections(sections)) own.set(section.key, sectionJsonSchema(section));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Muster inventory',
    description: 'Hosts, groups and checks of a fleet: muster.yaml',
    ...root,
    properties: Object.fromEntries(topKeys(sections).map((key) => [key, own.get(key)!])),
    patternProperties: { [`^${extensionPrefix}`]: { description: 'Ignored: a place for YAML anchors.' } },
  };
}

function sectionJsonSchema(section: Section): JsonSchema {
  const { description } = section;
  const json = toJsonSchema(z.record(z.string(), z.unknown()).nullable().optional().meta({ description }));
  const entries = alternatives(json).find((schema) => schema.additionalProperties !== undefined);
  if (entries) entries.additionalProperties = entryJsonSchema(section);
  return json;
}
