import { join } from 'node:path';
import { Uri } from 'vscode';
import type { SourceFrame } from '../../core/sources/sourcePath';
import { Disposables } from '../../../../shell/editor/disposables';
import type { Ports } from '../../../../shell/editor/services';
import type { ProfilesNode } from './profileNodes';

/** Captured and opened profiles, and what leads from them to the sources. What its commands do is loaded at their first use. */
export function profilesFeature({
  context,
  registry,
  profilesView,
}: Ports<'context' | 'registry' | 'profilesView'>): Disposables {
  const owned = new Disposables();
  let loading: ReturnType<typeof load> | undefined;
  const load = async () => {
    const { ProfilesCommands } = await import('./profilesCommands');
    return new ProfilesCommands(profilesView);
  };
  const commands = () => (loading ??= load());
  registry.register({
    'muster.openProfile': async (uri?: unknown) => (await commands()).open(uri),
    'muster.profileExtensionHost': async () => {
      const { profileExtensionHost } = await import('./profileExtensionHost');
      await profileExtensionHost(join(context.globalStorageUri.fsPath, 'extension-host'));
    },
    'muster.openFlameGraph': async (node?: unknown) => (await commands()).openFlameGraph(node),
    'muster.openProfileFunction': async (node?: unknown) => (await commands()).openFunction(node),
    'muster.revealInFlameGraph': async (node?: unknown) => (await commands()).revealInFlameGraph(node),
    'muster.compareListedProfiles': async (node?: unknown, selected?: unknown) =>
      (await commands()).compare(node, selected),
    'muster.removeProfile': async (node?: unknown, selected?: unknown) =>
      (await commands()).remove(node, selected),
    'muster.saveProfile': async (node?: unknown) => (await commands()).saveAs(node),
    'muster.copyProfileMarkdown': async (node?: unknown) => (await commands()).copyMarkdown(node),
    'muster.selectValueType': async (node?: unknown) => (await commands()).selectValueType(node),
    'muster.showInProfile': async (uri?: unknown, frame?: unknown) =>
      (await commands()).showInProfile(uri, frame),
    'muster.toggleLineHeat': async () => (await commands()).toggleHeat(),
    'muster.showMyCodeOnly': () => profilesView.setMineOnly(true),
    'muster.showAllCode': () => profilesView.setMineOnly(false),
    'muster.showMoreFunctions': (node: ProfilesNode) => profilesView.tree.showMore(node),
    'muster.openFrameSource': async (frame?: unknown, profileUri?: unknown) => {
      if (!isFrame(frame)) return undefined;
      const { openFrameSource } = await import('../source/openFrameSource');
      return openFrameSource(frame, profileUri instanceof Uri ? profileUri : undefined);
    },
  });
  return owned;
}

function isFrame(value: unknown): value is SourceFrame {
  const { name, file, line, column } = (value ?? {}) as Partial<Record<keyof SourceFrame, unknown>>;
  return (
    typeof name === 'string' &&
    ['string', 'undefined'].includes(typeof file) &&
    [line, column].every((number) => number === undefined || Number.isInteger(number))
  );
}
