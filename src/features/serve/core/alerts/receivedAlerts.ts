import { z } from 'zod';
import { printable } from '../../../../platform/text/printable';
import { valueWithoutCredentials } from '../../../../platform/redaction/withoutCredentials';
import { type Answer, refusal, type Request } from '../http/serveHttp';

const most = { alerts: 500, labels: 64, atOnce: 2_000 } as const;

const labels = z
  .record(z.string().max(1_000), z.string().max(100_000))
  .refine((all) => Object.keys(all).length <= most.labels)
  .transform((all) =>
    Object.fromEntries(Object.entries(all).map(([name, value]) => [printable(name), printable(value, 500)])),
  );
const time = z
  .string()
  .max(64)
  .refine((text) => !Number.isNaN(Date.parse(text)))
  .transform((text) => new Date(text).toISOString());
const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: labels.default({}),
  startsAt: time,
  endsAt: time.optional(),
  fingerprint: z
    .string()
    .max(100)
    .transform((text) => printable(text))
    .optional(),
});
const webhookSchema = z.object({
  version: z.literal('4'),
  receiver: z.string().max(1_000).default(''),
  alerts: z.array(alertSchema).max(most.atOnce),
  truncatedAlerts: z.int().min(0).default(0),
});

/** An alert that an Alertmanager has sent here. */
export interface ReceivedAlert extends z.output<typeof alertSchema> {
  receiver: string;
  /** ISO 8601. */
  receivedAt: string;
}

/** The alerts that Alertmanagers have sent, each as it was told last: so many of them, the newest first. */
export class ReceivedAlerts {
  received = 0;
  /** Alerts that Alertmanager itself has left out of a message, and older ones that were forgotten. */
  truncated = 0;
  forgotten = 0;
  private readonly byId = new Map<string, ReceivedAlert>();

  get all(): ReceivedAlert[] {
    return [...this.byId.values()].reverse();
  }

  /** Takes a message of Alertmanager's webhook, version 4. */
  take({ body }: Pick<Request, 'body'>): Answer {
    let message: z.output<typeof webhookSchema>;
    try {
      message = webhookSchema.parse(JSON.parse(body.toString('utf8')));
    } catch {
      return refusal(400, 'this is not a message of the webhook of Alertmanager, version 4');
    }
    const receivedAt = new Date().toISOString();
    const receiver = printable(message.receiver);
    for (const alert of message.alerts) {
      const id = JSON.stringify(Object.entries(alert.labels).sort());
      // What is told again is the newest.
      this.byId.delete(id);
      this.byId.set(id, valueWithoutCredentials({ ...alert, receiver, receivedAt }));
    }
    this.received += message.alerts.length;
    this.truncated += message.truncatedAlerts;
    for (const id of this.byId.keys()) {
      if (this.byId.size <= most.alerts) break;
      this.byId.delete(id);
      this.forgotten++;
    }
    return { status: 200, body: 'ok\n' };
  }
}
