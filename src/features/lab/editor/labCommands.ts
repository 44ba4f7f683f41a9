import { commands, type Disposable, l10n, Uri, window } from 'vscode';
import { runMuster } from '../../../shell/editor/commands/musterCommands';
import type { Logger } from '../../../platform/host/host';
import { assertTrusted } from '../../../shell/editor/batches';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { LabProcess } from './labProcess';
import { setContext } from '../../../shell/editor/setContext';
import { labContext } from './contextKeys';

const fleetId = 'muster-lab';

/**
 * The lab belongs to this window and is shown in the Hosts view beside the workspace's own inventories. It is not
 * added to the workspace, since that would restart the extension host, and with it the lab. It ends with
 * "Stop Lab", with the window, or with a reload of the window.
 */
export class LabCommands implements Disposable {
  private lab: Promise<LabProcess> | undefined;

  constructor(
    private readonly fleets: Fleets,
    private readonly cli: string,
    private readonly logger: Logger,
  ) {}

  readonly start = async (): Promise<void> => {
    assertTrusted();
    if (this.lab) {
      await commands.executeCommand('muster.hosts.focus');
      return;
    }
    const starting = LabProcess.start(this.cli, this.logger);
    this.lab = starting;
    try {
      await window.withProgress(
        { location: { viewId: 'muster.hosts' }, title: l10n.t('Starting the lab') },
        () => this.show(starting),
      );
    } catch (error) {
      this.lab = undefined;
      await starting.then(
        (lab) => lab.stop(),
        () => {},
      );
      throw error;
    }
  };

  readonly stop = async (): Promise<void> => {
    // One that failed to start has been stopped by then.
    const lab = await this.lab?.catch(() => undefined);
    await lab?.stop();
  };

  readonly openFolder = async (): Promise<void> => {
    const lab = await this.lab;
    if (lab)
      await commands.executeCommand('vscode.openFolder', Uri.file(lab.ready.workspace), {
        forceNewWindow: true,
      });
  };

  dispose(): Promise<void> {
    return this.stop();
  }

  private async show(starting: Promise<LabProcess>): Promise<void> {
    const lab = await starting;
    void lab.ended.then(() => this.gone());
    await this.fleets.add(fleetId, l10n.t('Lab'), lab.ready.inventory);
    await setContext(labContext.labRunning, true);
    await commands.executeCommand('muster.hosts.focus');
    void this.offer(lab);
  }

  private async offer(lab: LabProcess): Promise<void> {
    const checkAll = l10n.t('Check All');
    const openFile = l10n.t('Open muster.yaml');
    const choice = await window.showInformationMessage(
      l10n.t(
        'The lab runs: {0} hosts on this machine, until you stop it or close the window.',
        lab.ready.hosts,
      ),
      checkAll,
      openFile,
    );
    if (choice === checkAll) await runMuster('muster.checkAll');
    if (choice === openFile) await window.showTextDocument(Uri.file(lab.ready.inventory));
  }

  private async gone(): Promise<void> {
    this.lab = undefined;
    this.fleets.remove(fleetId);
    await setContext(labContext.labRunning, false);
  }
}
