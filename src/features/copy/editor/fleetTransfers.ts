import { l10n } from 'vscode';
import type { Core } from '../../../engine/createCore';
import { type BatchControl, type Batches, countsText } from '../../../shell/editor/batches';
import { fileUri } from '../../../shell/editor/fleets/fleets';
import { hostCount } from '../../../shell/editor/hosts/wording';
import { timeoutSetting } from '../../../shell/editor/settings';
import type { TransferOptions, TransferReport, TransferResult } from '../core/copyBatch';
import { TransferRate } from '../core/transferRate';
import { nameOf, type TransferOrder } from './transferOrder';

/** Milliseconds after which the rate is shown again. */
const rateMs = 500;

/** Every copy that the editor starts goes through here: progress with a rate, the cancel, and trust. */
export class FleetTransfers {
  constructor(private readonly batches: Batches) {}

  /** What would change, which writes nothing. @throws MusterError UNTRUSTED, USAGE */
  plan(order: TransferOrder): Promise<TransferReport> {
    const title = l10n.t('Muster: comparing {0} with {1}', nameOf(order), hostCount(order.hosts.length));
    return this.conduct(order, title, { dryRun: true });
  }

  /** @throws MusterError UNTRUSTED, USAGE, READ_ONLY before anything is connected to */
  carryOut(order: TransferOrder, signal?: AbortSignal): Promise<TransferReport> {
    const words = [nameOf(order), hostCount(order.hosts.length)];
    const title =
      order.kind === 'copy'
        ? l10n.t('Muster: copying {0} to {1}', ...words)
        : l10n.t('Muster: fetching {0} from {1}', ...words);
    return this.conduct(order, title, {}, signal);
  }

  private async conduct(
    order: TransferOrder,
    title: string,
    how: Pick<TransferOptions, 'dryRun'>,
    signal?: AbortSignal,
  ): Promise<TransferReport> {
    const { fleet, hosts } = order;
    const rate = new TransferRate(hosts.length);
    const counts = countsText(hosts.length);
    const message = (ended: number, failed: number) =>
      [counts(ended, failed), rate.text()].filter(Boolean).join(' · ');
    const timeoutMs = timeoutSetting.get(fileUri(fleet));
    const start = (control: BatchControl<TransferResult>) =>
      fleet.use((core) =>
        startOn(core, order, {
          ...{ ...control, ...how, timeoutMs },
          onProgress: (event) => rate.add(event),
          onResult: (result) => {
            rate.ended++;
            control.onResult(result);
          },
        }),
      );
    const [report] = await this.batches.conduct<TransferResult, TransferReport>(
      { title, total: hosts.length, message, everyMs: rateMs, signal },
      [{ fleet, start }],
    );
    return report!;
  }
}

function startOn(
  core: Core,
  order: TransferOrder,
  options: Partial<Omit<TransferOptions, 'transport' | 'origin'>>,
): Promise<TransferReport> {
  const { hosts } = order;
  // All paths of this machine are absolute.
  const cwd = '/';
  if (order.kind === 'fetch')
    return core.fetch(hosts, { source: order.source, folder: order.folder, cwd }, options);
  const { sources, destination, settings } = order;
  return core.copy(hosts, { sources, destination, cwd }, { ...settings, ...options });
}
