import { l10n, type TestController, TestRunProfileKind, tests, window } from 'vscode';
import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';
import type { TestRuns } from './testRuns';
import type { TestTree } from './testTree';

/** Checks as tests: groups, hosts and checks in the Test Explorer and in the gutter of inventories. */
export function testExplorerFeature(services: Ports<'fleets' | 'checks' | 'logger'>): Disposables {
  const owned = new Disposables();
  const controller = owned.add(tests.createTestController('muster', 'Muster'));
  const { fleets, logger } = services;

  let explorer: Promise<{ tree: TestTree; runs: TestRuns }> | undefined;
  const opened = () => (explorer ??= openExplorer(controller, services, owned));
  const attempt = (work: Promise<unknown>) => {
    work.catch((error: unknown) => logger.error(`Test Explorer: ${String(error)}`));
  };

  const sync = async () => {
    if (!fleets.loaded || (!explorer && fleets.shown.length === 0)) return;
    const { tree } = await opened();
    await tree.sync();
    await resolveVisible(tree);
  };
  const follow = () => attempt(sync());
  owned.add(fleets.onDidChange(follow));
  owned.add(window.onDidChangeVisibleTextEditors(follow));

  controller.resolveHandler = async (item) => {
    const { tree } = await opened();
    await (item ? tree.resolve(item) : tree.sync());
  };
  controller.refreshHandler = () => fleets.load();

  const check = controller.createRunProfile(
    l10n.t('Check'),
    TestRunProfileKind.Run,
    async (request, token) => {
      const { runs } = await opened();
      if (!request.continuous) return runs.run(request, token, { failFast: false });
      const { checkContinuously } = await import('./continuousChecks');
      await checkContinuously(request, token, runs, services);
    },
    true,
  );
  check.supportsContinuousRun = true;
  owned.add(check);
  owned.add(
    controller.createRunProfile(
      l10n.t('Check (fail fast)'),
      TestRunProfileKind.Run,
      async (request, token) => {
        const { runs } = await opened();
        await runs.run(request, token, { failFast: true });
      },
    ),
  );
  return owned;
}

async function openExplorer(
  controller: TestController,
  services: Ports<'fleets' | 'checks' | 'logger'>,
  owned: Disposables,
) {
  const [{ TestTree }, { TestRuns }] = await Promise.all([import('./testTree'), import('./testRuns')]);
  const tree = owned.add(new TestTree(controller, services.fleets, services.logger));
  const runs = owned.add(new TestRuns(controller, tree, services));
  await tree.sync();
  return { tree, runs };
}

/** The gutter shows what is in the tree only. */
async function resolveVisible(tree: TestTree): Promise<void> {
  for (const { document } of window.visibleTextEditors)
    if (document.uri.scheme === 'file') await tree.resolveFile(document.uri.fsPath);
}
