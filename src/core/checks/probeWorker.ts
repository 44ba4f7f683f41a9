// Runs in a worker thread, started by probeThread.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { Deadline } from '../deadline';
import { errorReport, MusterError } from '../errors';
import type { CheckSettings } from './check';
import type { Host } from '../inventory/model';
import { speak, t, type Texts } from '../l10n';
import type { SshCommands } from '../ssh/sshPool';
import type { Probe } from './probe';
import { errorFrom, type Order, type Outcome, Outbox, type ProbedHost } from './probeOrders';
import { socketProbes } from './socketProbes';

interface OrderedCheck {
  probe: Probe;
  settings: CheckSettings;
  directory: string;
}

speak(workerData as Texts);

const port = parentPort!;
const checks = new Map<number, OrderedCheck>();
const underWay = new Map<number, AbortController>();
const outcomes = new Outbox<Outcome>((gathered) => port.postMessage(gathered));

/** Probes that need sockets only never ask for it. */
const noSsh: SshCommands = {
  exec: () => Promise.reject(new MusterError('PROTOCOL', t('the probe thread has no SSH'))),
};

function take(order: Order): void {
  switch (order.kind) {
    case 'check': {
      const probe = socketProbes.find(({ type }) => type === order.type)!;
      const settings = probe.settings.parse(order.input);
      checks.set(order.check, { probe, settings, directory: order.directory });
      break;
    }
    case 'probe':
      void work(order.id, checks.get(order.check)!, order.host);
      break;
    case 'abort':
      underWay.get(order.id)?.abort(errorFrom(order.reason));
      break;
    case 'forget':
      for (const check of order.checks) checks.delete(check);
  }
}

async function work(id: number, { probe, settings, directory }: OrderedCheck, host: ProbedHost) {
  const controller = new AbortController();
  underWay.set(id, controller);
  // The clock is kept by the thread that asks; what it says arrives as an abort.
  const deadline = new Deadline(0, controller.signal);
  try {
    const context = { deadline, directory, overrideCircuit: false, ssh: noSsh };
    outcomes.add({ id, finding: await probe.run(host as Host, settings, context) });
  } catch (error) {
    outcomes.add({ id, error: errorReport(error) });
  } finally {
    deadline.dispose();
    underWay.delete(id);
  }
}

port.on('message', (orders: Order[]) => orders.forEach(take));
port.postMessage([]);
