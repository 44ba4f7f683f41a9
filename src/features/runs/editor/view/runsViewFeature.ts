import { join } from 'node:path';
import { window, workspace } from 'vscode';
import { Disposables } from '../../../../shell/editor/disposables';
import type { Ports } from '../../../../shell/editor/services';
import { atLeastOne, defineSetting } from '../../../../shell/editor/settings';
import { workspaceStorage } from '../../../../shell/editor/workspaceStorage';
import { RunHistory } from '../runHistory';
import { RunsTree } from './runsTree';
import { RunStore } from '../runStore';

const countSetting = defineSetting('runs.maxCount', (value) => atLeastOne(value) ?? 100);
/** Megabytes. */
const sizeSetting = defineSetting('runs.maxSize', (value) => atLeastOne(value) ?? 100);

/** The Runs view: what ran in this workspace, kept over windows, to be read, compared and repeated. */
export function runsViewFeature({
  context,
  registry,
  fleets,
  runs,
  hosts,
  logger,
  beforeClose,
}: Ports<'context' | 'registry' | 'fleets' | 'runs' | 'hosts' | 'logger' | 'beforeClose'>): Disposables {
  const owned = new Disposables();
  const onError = (error: unknown) => logger.warn(`runs are not written down: ${String(error)}`);
  const limits = () => ({ count: countSetting.get(), bytes: sizeSetting.get() * 1024 * 1024 });
  const folder = join(workspaceStorage(context) ?? context.globalStorageUri.fsPath, 'runs');
  const history = owned.add(new RunHistory(new RunStore(folder, limits, onError), runs, onError));
  beforeClose(() => history.close());
  const tree = owned.add(new RunsTree(history));
  const view = owned.add(
    window.createTreeView('muster.runs', {
      treeDataProvider: tree,
      canSelectMany: true,
      showCollapseAll: true,
    }),
  );
  // It begins collapsed, as there is nothing in it. Who has Muster in front sees the first run there; nobody else is disturbed.
  const opening = owned.add(
    runs.onDidStart(async () => {
      opening.dispose();
      const [newest] = hosts.visible && !view.visible ? await tree.getChildren() : [];
      if (newest) await view.reveal(newest, { select: false });
    }),
  );
  const documents = lazily(async () => {
    const { OutputDocuments } = await import('../output/outputDocuments');
    return owned.add(new OutputDocuments(history));
  });
  const commands = lazily(async () => {
    const { RunsViewCommands } = await import('./runsViewCommands');
    return new RunsViewCommands(history, await documents(), fleets, runs);
  });
  // Documents that were open before a reload ask for their text at once.
  owned.add(
    workspace.registerTextDocumentContentProvider('muster-output', {
      provideTextDocumentContent: async (uri) => (await documents()).provideTextDocumentContent(uri),
    }),
  );
  registry.register({
    'muster.openRunOutput': async (node) => (await commands()).openOutput(node),
    'muster.openHostOutput': async (node) => (await commands()).openHostOutput(node),
    'muster.compareRunGroups': async (node, selected) => (await commands()).compare(node, selected),
    'muster.rerun': async (node) => (await commands()).rerun(node),
    'muster.rerunFailed': async (node) => (await commands()).rerunFailed(node),
    'muster.rerunGroup': async (node) => (await commands()).rerunGroup(node),
    'muster.cancelRun': async (node) => (await commands()).cancel(node),
    'muster.saveRunOutput': async (node) => (await commands()).save(node),
    'muster.copyRunMarkdown': async (node) => (await commands()).copyMarkdown(node),
    'muster.searchRunOutput': async (node) => (await commands()).search(node),
    'muster.removeRun': async (node, selected) => (await commands()).remove(node, selected),
    'muster.clearRuns': async () => (await commands()).clear(),
    'muster.toggleRunColours': async () => (await commands()).toggleColours(),
  });
  return owned;
}

function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
