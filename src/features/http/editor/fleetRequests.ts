import { dirname } from 'node:path';
import { l10n } from 'vscode';
import type { BatchControl, Batches } from '../../../shell/editor/batches';
import { fileUri } from '../../../shell/editor/fleets/fleets';
import { hostCount } from '../../../shell/editor/hosts/wording';
import { timeoutSetting } from '../../../shell/editor/settings';
import type { FileRequest } from '../core/file/httpFile';
import { sendFromFile, type Sending } from '../core/file/sendFromFile';
import type { HttpReport, HttpResult } from '../core/httpBatch';
import type { Senders } from './chooseSenders';
import { requestTitle } from './confirmRequest';

/** For each of several hosts, of which one that hangs would hold back the answers of all. */
const timeoutOfMany = 30_000;
/** Bytes kept of a body: a document is read, not piped. */
const maxBody = { one: 4 * 1024 ** 2, many: 1024 ** 2 };

/** Every request that the editor sends goes through here: progress, the cancel, and trust. */
export class FleetRequests {
  constructor(private readonly batches: Batches) {}

  /** @throws MusterError UNTRUSTED, USAGE, INVENTORY, READ_ONLY before anything is sent */
  async send(
    steps: readonly FileRequest[],
    sending: Omit<Sending, 'send'>,
    { fleet, hosts, from }: Senders,
  ): Promise<HttpReport> {
    const what = requestTitle(steps.at(-1)!);
    const title =
      from === 'local'
        ? l10n.t('Muster: sending {0}', what)
        : l10n.t('Muster: sending {0} from {1}', what, hostCount(hosts.length));
    const isOne = hosts.length === 1;
    const timeoutMs = timeoutSetting.get(fileUri(fleet)) ?? (isOne ? 0 : timeoutOfMany);
    const start = (control: BatchControl<HttpResult>) =>
      fleet.use((core) =>
        sendFromFile(hosts, steps, {
          ...sending,
          send: (some, requestOf, isLast) =>
            core.request(some, requestOf, {
              ...{ ...control, timeoutMs, maxBody: isOne ? maxBody.one : maxBody.many },
              directory: dirname(fleet.file),
              // Later requests may need what the others were answered.
              ...(!isLast && { showSecrets: true, failFrom: 400, onResult: () => {} }),
            }),
        }),
      );
    const [report] = await this.batches.conduct<HttpResult, HttpReport>({ title, total: hosts.length }, [
      { fleet, start },
    ]);
    return report!;
  }
}
