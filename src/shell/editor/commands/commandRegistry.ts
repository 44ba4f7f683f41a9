import { commands, type Disposable, extensions, l10n, window } from 'vscode';
import { type ErrorReport, errorReport, MusterError } from '../../../platform/errors/errors';
import type { Logger } from '../../../platform/host/host';
import { Disposables } from '../disposables';
import { type ArgumentsOf, type CommandId, runMuster } from './musterCommands';

/** What carries commands out, by their ids. */
type CommandTable = { readonly [Id in CommandId]?: (...given: ArgumentsOf<Id>) => unknown };

/** The one place where commands are registered: what goes wrong in any of them is told and logged alike. */
export class CommandRegistry implements Disposable {
  private readonly owned = new Disposables();

  constructor(private readonly logger: Logger) {}

  /** Arguments come from menus, key bindings, links and other extensions: a command trusts none of them blindly. */
  register(table: CommandTable): Disposable {
    const owned = new Disposables();
    for (const [id, carryOut] of Object.entries(table) as [string, (...given: unknown[]) => unknown][]) {
      owned.add(
        commands.registerCommand(id, async (...args: unknown[]) => {
          try {
            if (!isInTitle(id) && hasLostItsRow(args)) throw lostRow();
            return await carryOut(...args);
          } catch (error) {
            this.reportFailure(id, error);
            return undefined;
          }
        }),
      );
    }
    return this.owned.add(owned);
  }

  dispose(): void {
    this.owned.dispose();
  }

  /** What stops a command is told at once; the chain behind it is in the log. */
  private reportFailure(id: string, error: unknown): void {
    const report: ErrorReport = errorReport(error);
    this.logger.error([`${id}: ${report.code}: ${report.message}`, ...report.causes].join('\n  '));
    if (!MusterError.is(error) && error instanceof Error) this.logger.error(error.stack ?? error.message);
    const showLog = l10n.t('Show Log');
    void window
      .showErrorMessage([report.message, report.hint].filter(Boolean).join(' — '), showLog)
      .then((choice) => (choice === showLog ? runMuster('muster.showLog') : undefined));
  }
}

/**
 * Whether the menu of a row led here and the row is gone. VS Code gives the row and what is selected; where it has drawn
 * the row anew meanwhile, it gives neither. The palette gives no arguments at all, and asks for what is meant.
 */
function hasLostItsRow(args: readonly unknown[]): boolean {
  const isNothing = (argument: unknown) => argument === undefined || argument === null;
  const [row, selected] = args;
  const isMenu = args.length === 2 && (isNothing(selected) || Array.isArray(selected));
  return isMenu && isNothing(row);
}

/** Buttons of a view's title get the row that has the focus, as menus get theirs, and none where no row has it. */
function isInTitle(id: string): boolean {
  const manifest = extensions.getExtension('muster-ops.muster')?.packageJSON as Manifest | undefined;
  return manifest?.contributes.menus['view/title'].some(({ command }) => command === id) ?? true;
}

interface Manifest {
  contributes: { menus: { 'view/title': { command: string }[] } };
}

function lostRow(): MusterError {
  return new MusterError(
    'EXPECTATION',
    l10n.t('The row changed while its menu was open. Nothing was done.'),
    {
      hint: l10n.t('Try again.'),
    },
  );
}
