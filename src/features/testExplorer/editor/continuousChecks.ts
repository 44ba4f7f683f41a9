import { type CancellationToken, TestRunRequest, window, workspace } from 'vscode';
import { AutoCheck } from '../../checks/editor/autoCheck';
import { autoCheckIntervalSetting } from '../../checks/editor/checkAutomatically';
import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';
import type { TestRuns } from './testRuns';

/** Milliseconds between passes where `muster.autoCheck.interval` says nothing. */
const defaultIntervalMs = 30_000;

/** Checks what was asked for now and then on an interval, paused as automatic checks are, until it is stopped. */
export async function checkContinuously(
  request: TestRunRequest,
  token: CancellationToken,
  runs: TestRuns,
  { checks, logger }: Ports<'checks' | 'logger'>,
): Promise<void> {
  const owned = new Disposables();
  try {
    await runs.run(passOf(request), token, { failFast: false });
    if (token.isCancellationRequested) return;
    const schedule = owned.add(
      new AutoCheck({
        now: Date.now,
        random: Math.random,
        interval: () => autoCheckIntervalSetting.get() ?? defaultIntervalMs,
        mayRun: () => window.state.focused && workspace.isTrusted,
        isBusy: () => checks.busy,
        check: () => runs.run(passOf(request), token, { failFast: false, automatic: true }),
        failed: (error) => logger.error(`continuous check: ${String(error)}`),
      }),
    );
    const update = () => schedule.update();
    owned.add(window.onDidChangeWindowState(update));
    owned.add(workspace.onDidGrantWorkspaceTrust(update));
    owned.add(autoCheckIntervalSetting.onDidChange(update));
    update();
    await new Promise<void>((resolve) => owned.add(token.onCancellationRequested(() => resolve())));
  } finally {
    owned.dispose();
  }
}

/** Each pass is a run of its own, which leaves the focus where it is. */
function passOf({ include, exclude, profile }: TestRunRequest): TestRunRequest {
  return new TestRunRequest(include, exclude, profile, true, true);
}
