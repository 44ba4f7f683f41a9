// Runs in a worker thread, started by probeThread.ts.
import { Deadline } from '../../../platform/batch/deadline';
import type { CheckSettings } from './check';
import type { Host } from '../../../platform/inventory/model';
import { MusterError } from '../../../platform/errors/errors';
import { t } from '../../../platform/l10n/l10n';
import { serveThread } from '../../../platform/threads/serveThread';
import type { Probe, ProbeContext } from './probe';
import type { ProbeContract } from './probeContract';
import { socketProbes } from './socketProbes';

interface LearnedCheck {
  probe: Probe;
  settings: CheckSettings;
  directory: string;
}

const noTransport = () => Promise.reject(new MusterError('INTERNAL', t('the probe thread reaches no hosts')));

/** Probes that need sockets only never ask for it. */
const transport: ProbeContext['transport'] = { exec: noTransport, connect: noTransport };

serveThread<ProbeContract>((_, tells) => {
  const checks = new Map<number, LearnedCheck>();
  tells.ready();
  return {
    learn: (check, { type, input, directory }) => {
      const probe = socketProbes.find((known) => known.type === type)!;
      checks.set(check, { probe, settings: probe.settings.parse(input), directory });
    },
    probe: async (host, check, signal) => {
      const { probe, settings, directory } = checks.get(check)!;
      // The clock is kept by the thread that asks; what it says arrives as an abort.
      const deadline = new Deadline(0, signal);
      try {
        const context = { deadline, directory, overrideCircuit: false, transport };
        return await probe.run(host as Host, settings, context);
      } finally {
        deadline.dispose();
      }
    },
    forget: (known) => known.forEach((check) => checks.delete(check)),
  };
});
