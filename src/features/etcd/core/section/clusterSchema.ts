import { z } from 'zod';
import { parseEndpoint } from '../client/etcdSettings';
import { t, text } from '../../../../platform/l10n/l10n';
import { changeRuleSchema } from '../rules/changeRuleSchema';
import { timeoutSchema } from '../../../../platform/inventory/schema/durationSchema';

const nonEmpty = z.string().min(1, { error: text('must not be empty') });
const file = (description: string) => nonEmpty.optional().meta({ description });

const endpoint = nonEmpty.refine(isEndpoint, {
  error: text('expected host:port, http://host:port or https://host:port'),
});

/** An etcd cluster. */
export const clusterSchema = z
  .strictObject({
    endpoints: z
      .array(endpoint, { error: text('expected a list of endpoints') })
      .min(1, { error: text('a cluster has one endpoint at least') })
      .meta({
        description: 'Client addresses of the members: host:port, http://host:port or https://host:port.',
        examples: [['https://10.0.0.1:2379']],
      }),
    prefix: z
      .string()
      .optional()
      .meta({ description: 'Where its keys begin. Default: all keys.', examples: ['/config/'] }),
    separator: nonEmpty.optional().meta({ description: 'What folders of keys end with. Default: /.' }),
    username: nonEmpty
      .optional()
      .meta({ description: 'User to authenticate as; the password is asked for, never written here.' }),
    tls: z
      .strictObject({
        ca: file(text('PEM file with the authorities that sign the servers. Default: those of Node.js.')),
        cert: file(text('PEM file with the client’s certificate.')),
        key: file(text('PEM file with its private key.')),
        serverName: nonEmpty
          .optional()
          .meta({ description: 'Name in the servers’ certificates, where it is not the endpoint’s.' }),
      })
      .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
        error: text('“cert” and “key” belong together'),
      })
      .optional()
      .meta({ description: 'Connect with TLS, relative paths being relative to this file.' }),
    through: nonEmpty.optional().meta({
      description: 'Host whose SSH connection leads to the endpoints, for clusters that only it reaches.',
      'x-muster': 'host',
    }),
    readOnly: z.boolean().optional().meta({ description: 'true: nothing is ever written.' }),
    protected: z.boolean().optional().meta({ description: 'true: asks before every write.' }),
    onChange: z
      .record(z.string(), changeRuleSchema)
      .optional()
      .meta({ description: 'What to do when keys change: rules by name. The editor follows them.' }),
    timeout: timeoutSchema.optional().meta({ description: 'Time for one request. Default: 5s.' }),
  })
  .superRefine(({ endpoints, tls }, context) => {
    const index = tls ? endpoints.findIndex((text) => text.startsWith('http://')) : -1;
    if (index >= 0)
      context.addIssue({
        code: 'custom',
        message: t('http:// is plain text, in spite of “tls”: write https://, or leave out the scheme'),
        path: ['endpoints', index],
      });
  })
  .meta({ description: 'An etcd cluster.' });

function isEndpoint(text: string): boolean {
  try {
    return parseEndpoint(text, false).port > 0;
  } catch {
    return false;
  }
}
