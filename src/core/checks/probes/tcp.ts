import { z } from 'zod';
import { MusterError } from '../../errors';
import type { Host } from '../../inventory/model';
import { resolvePlaceholders } from '../../inventory/placeholders';
import { connectSocket } from '../connectSocket';
import { elapsedMs } from '../elapsedMs';
import { conclude, matchPattern, patternSchema } from '../expectation';
import type { Finding, PhaseTimings, Probe, ProbeContext } from '../probe';

const maxBannerBytes = 4 * 1024;

const settings = z.strictObject({
  port: z.number().int().min(1).max(65535).describe('TCP port.'),
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
});
type Settings = z.output<typeof settings>;

async function run(host: Host, { port, send, expect }: Settings, context: ProbeContext): Promise<Finding> {
  const startedAt = performance.now();
  const phases: PhaseTimings = {};
  const banner = await converse(host, port, send, expect.banner, context, phases);
  phases.total = elapsedMs(startedAt);
  return conclude(
    expect.banner ? matchPattern('a banner', expect.banner, banner) : [],
    banner || `connected in ${phases.total} ms`,
    { phases },
  );
}

/** What the server said until it was enough. */
async function converse(
  host: Host,
  port: number,
  send: string | undefined,
  wanted: Settings['expect']['banner'],
  { deadline }: ProbeContext,
  phases: PhaseTimings,
): Promise<string> {
  let banner = '';
  let openedAt = 0;
  try {
    await connectSocket({ address: host.address, port }, deadline, phases, {
      opened(socket) {
        openedAt = performance.now();
        const text = send === undefined ? '' : resolvePlaceholders(send, host, { port });
        if (wanted) socket.write(text);
        else socket.end(text, () => socket.destroy());
      },
      received(bytes, socket) {
        phases.firstByte ??= elapsedMs(openedAt);
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
  description: 'Connects to a TCP port and, if asked, judges the banner.',
  settings,
  run,
};
