import { commands, type Disposable, l10n, window } from 'vscode';
import { type ErrorReport, errorReport, MusterError } from '../../core/errors';
import type { Logger } from '../../core/host';
import { Disposables } from '../disposables';
import type { HostsNode } from '../trees/hostNodes';

/** Every command of the extension; package.json says how each is shown. */
export const commandIds = [
  'muster.checkAll',
  'muster.check',
  'muster.run',
  'muster.cancel',
  'muster.openInventory',
  'muster.createInventory',
  'muster.refreshInventory',
  'muster.startLab',
  'muster.stopLab',
  'muster.openLabFolder',
  'muster.forgetSecrets',
  'muster.showLog',
] as const;
export type CommandId = (typeof commandIds)[number];

/** Called with the row it was called on and all selected rows, or without any from the palette. */
export type Command = (node?: HostsNode, selected?: readonly HostsNode[]) => unknown;

export function registerCommands(table: Record<CommandId, Command>, logger: Logger): Disposable {
  const owned = new Disposables();
  for (const id of commandIds) {
    owned.add(
      commands.registerCommand(id, async (node?: HostsNode, selected?: readonly HostsNode[]) => {
        try {
          return await table[id](node, selected);
        } catch (error) {
          reportFailure(id, error, logger);
        }
      }),
    );
  }
  return owned;
}

/** What stops a command is told at once; the chain behind it is in the log. */
function reportFailure(id: CommandId, error: unknown, logger: Logger): void {
  const report: ErrorReport = errorReport(error);
  const expected = MusterError.is(error);
  logger.error([`${id}: ${report.code}: ${report.message}`, ...report.causes].join('\n  '));
  if (!expected && error instanceof Error) logger.error(error.stack ?? error.message);
  const showLog = l10n.t('Show Log');
  void window
    .showErrorMessage([report.message, report.hint].filter(Boolean).join(' — '), showLog)
    .then((choice) => (choice === showLog ? commands.executeCommand('muster.showLog') : undefined));
}
