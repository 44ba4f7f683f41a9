import { z } from 'zod';
import type { Deadline } from '../../../../platform/batch/deadline';
import { MusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../../platform/l10n/l10n';
import { connectSocket, type SocketTarget } from '../connectSocket';
import { type Pattern, patternFor, patternSchema } from '../../../../platform/inventory/schema/pattern';
import { conclude, matchPattern } from '../expectation';
import type { Finding, Probe, ProbeContext } from '../probe';
import { ProbeMeasurements } from '../probeMeasurements';
import { portOf, portSchema } from '../servicePort';
import { socketSchema, wayToSocket } from '../unixSocket';

const maxBannerBytes = 4 * 1024;

const settings = z
  .strictObject({
    port: portSchema.optional().describe('TCP port, or a label of the host that says it: `{label.port}`.'),
    socket: socketSchema,
    send: z
      .string()
      .optional()
      .describe('Text to send once connected, e.g. "PING\\r\\n"; may hold placeholders.'),
    expect: z
      .strictObject({
        banner: patternSchema
          .optional()
          .describe(
            'Regular expression (RE2) for what the server says. Read until it matches, 4 KiB came, or time is up.',
          ),
      })
      .prefault({})
      .describe('What the server must say.'),
  })
  .superRefine(({ port, socket }, context) => {
    if (port === undefined && socket === undefined)
      context.addIssue({ code: 'invalid_type', expected: 'number', path: ['port'], input: port });
    if (port !== undefined && socket !== undefined)
      context.addIssue({
        ...{ code: 'custom', path: ['socket'] },
        message: text('a check of type tcp has either a port or a socket'),
      });
  });
type Settings = z.output<typeof settings>;

async function run(host: Host, settings: Settings, context: ProbeContext): Promise<Finding> {
  const measured = new ProbeMeasurements();
  // {port} is the check's own.
  const { socket } = settings;
  const port = settings.port === undefined ? undefined : portOf(settings.port, host);
  const target = port === undefined ? host : { ...host, ssh: { ...host.ssh, port } };
  const wanted = settings.expect.banner && patternFor(target, settings.expect.banner);
  const send = resolvePlaceholders(settings.send ?? '', target);
  const banner = await converse(
    {
      ...{ address: host.address, port: port ?? 0 },
      way: socket === undefined ? undefined : wayToSocket(socket, host, context, measured),
    },
    send,
    wanted,
    context.deadline,
    measured,
  );
  const total = measured.total();
  return conclude(
    wanted ? matchPattern(t('a banner'), wanted, banner) : [],
    banner || t('connected in {0} ms', total),
    measured.found,
  );
}

/** Connects, sends, and reads what the server says until it was enough. */
async function converse(
  target: SocketTarget,
  send: string,
  wanted: Pattern | undefined,
  deadline: Deadline,
  measured: ProbeMeasurements,
): Promise<string> {
  let banner = '';
  let openedAt = 0;
  try {
    await connectSocket(target, deadline, measured, {
      opened(socket) {
        openedAt = performance.now();
        // A server may have said all and closed by now: writing nothing to it would fail all the same.
        if (send !== '') socket.write(send);
        if (!wanted) socket.end(() => socket.destroy());
      },
      received(bytes, socket) {
        if (measured.phases.firstByte === undefined) measured.phase('firstByte', openedAt);
        banner = (banner + bytes.toString('latin1')).slice(0, maxBannerBytes);
        if (!wanted || wanted.test(banner) || banner.length === maxBannerBytes) socket.destroy();
      },
    });
  } catch (error) {
    // Waiting for more of a wrong banner ends in the deadline; the banner says more.
    if (banner === '' || !MusterError.is(error, 'TIMEOUT', 'RESET')) throw error;
  }
  return banner;
}

export const tcp: Probe<Settings> = {
  type: 'tcp',
  description: 'Connects to a TCP port or a unix socket and, if asked, judges the banner.',
  settings,
  socketsOnly: ({ socket }) => socket === undefined,
  run,
};
