import { window } from 'vscode';
import type { Logger } from '../../../platform/host/host';
import { showFailure } from '../../../shell/editor/panels/showFailure';

/** A notification whose buttons do something. Nobody waits for it, so it reports what its work throws. */
export function offer(
  message: string,
  { isWarning, logger }: { isWarning: boolean; logger: Logger },
  buttons: Readonly<Record<string, () => Promise<unknown>>>,
): void {
  const show = isWarning ? window.showWarningMessage : window.showInformationMessage;
  const chosen = show(message, ...Object.keys(buttons)).then((choice) => choice && buttons[choice]?.());
  chosen.then(undefined, (error: unknown) => showFailure('copy', error, logger));
}
