import { window } from 'vscode';
import { errorReport } from '../../../platform/errors/errors';
import type { Logger } from '../../../platform/host/host';

/** Reports what a panel could not do: what to do about it to the user, the chain of causes to the log. */
export function showFailure(panel: string, error: unknown, logger: Logger): void {
  const report = errorReport(error);
  logger.error(`${panel}: ${[report.message, ...report.causes].join('\n  ')}`);
  void window.showErrorMessage([report.message, report.hint].filter(Boolean).join(' — '));
}
