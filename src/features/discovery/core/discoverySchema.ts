import { z } from 'zod';
import { asciiName, parseResolver } from '../../checks/core/dns/resolvers';
import { durationSchema } from '../../../platform/inventory/schema/durationSchema';
import { labelsSchema, sshSchema } from '../../../platform/inventory/schema/schema';
import { text } from '../../../platform/l10n/l10n';

const nonEmpty = z.string().min(1, { error: text('must not be empty') });

/** Which of the keys say what is asked, and which go with each. */
const furtherKeys = { etcd: ['prefix'], srv: ['resolver', 'refresh'] } as const;

/** A group whose hosts are found. */
export const discoverySchema = z
  .strictObject({
    etcd: nonEmpty.optional().meta({
      description: 'Cluster of the section `etcd` in which hosts are registered.',
      'x-muster': 'cluster',
    }),
    prefix: nonEmpty
      .regex(/[^\p{L}\p{N}]$/u, {
        error: text(
          'a prefix ends with a separator such as /: without it, keys like /services/webhooks/ begin so, too',
        ),
      })
      .optional()
      .meta({
        description:
          'Whole keys that begin so register hosts: what follows is the name, the value says the address. Required with `etcd`.',
        examples: ['/services/web/'],
      }),
    srv: nonEmpty
      .refine(isDomainName, { error: text('expected a domain name such as _postgres._tcp.example.com') })
      .optional()
      .meta({
        description: 'Domain name whose SRV records name hosts.',
        examples: ['_postgres._tcp.example.com'],
      }),
    resolver: z
      .string()
      .refine((resolver) => parseResolver(resolver) !== undefined, {
        error: text('a resolver is an address or a name, with or without a port: 10.0.0.2, [::1]:53'),
      })
      .optional()
      .meta({ description: 'Name server to ask for SRV records. Default: those of this machine.' }),
    refresh: durationSchema('1d').optional().meta({
      description:
        'Longest time until the name server is asked again, when records live longer. Default: 1m.',
    }),
    labels: labelsSchema.optional().meta({
      description: 'Labels of all its hosts. They win over those that are registered.',
    }),
    ssh: sshSchema.optional().meta({
      description:
        'SSH settings of all its hosts, over those of `defaults`. What is registered has no say in them.',
    }),
  })
  .superRefine((settings, context) => {
    const kinds = (['etcd', 'srv'] as const).filter((kind) => settings[kind] !== undefined);
    if (kinds.length !== 1)
      context.addIssue({ code: 'custom', message: text('hosts are found by one of “etcd” and “srv”') });
    if (settings.etcd !== undefined && settings.prefix === undefined)
      context.addIssue({
        code: 'custom',
        message: text('“etcd” needs “prefix”: where hosts are registered'),
      });
    for (const [kind, keys] of Object.entries(furtherKeys))
      for (const key of keys)
        if (settings[key] !== undefined && kinds.length === 1 && kinds[0] !== kind)
          context.addIssue({
            code: 'custom',
            path: [key],
            message: text('this key goes with the other way of finding hosts'),
          });
  })
  .meta({ description: 'A group whose hosts are found in etcd or by DNS.' });

function isDomainName(name: string): boolean {
  return ![undefined, '.'].includes(asciiName(name));
}
