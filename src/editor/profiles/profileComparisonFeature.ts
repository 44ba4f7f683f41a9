import { l10n, Uri, type WebviewPanel, window, workspace } from 'vscode';
import type { ComparisonState } from '../../protocol/profileComparison';
import { Disposables } from '../disposables';
import type { Services } from '../services';

/** Also the `comparisonViewType` of the panel, which is loaded with the first. */
const viewType = 'muster.profileComparison';

/** Two profiles laid over each other: chosen together in the Explorer, or one after the other. */
export function profileComparisonFeature({ context, logger, profiles, registry }: Services): Disposables {
  const owned = new Disposables();
  const ports = { extensionUri: context.extensionUri, logger, profiles };
  registry.register({
    'muster.compareProfiles': async (first?: Uri, selected?: Uri[]) => {
      const all = [...(first ? [first] : []), ...(selected ?? [])];
      const different = [...new Map(all.map((uri) => [uri.toString(), uri])).values()];
      const chosen = different.length > 1 ? await byAge(different) : different;
      const before = chosen[0] ?? (await pick(l10n.t('The profile before'), undefined));
      const after = before && (chosen[1] ?? (await pick(l10n.t('The profile after'), before)));
      if (!before || !after) return;
      const { ComparisonPanel } = await import('./comparisonPanel');
      ComparisonPanel.open(before, after, ports);
    },
  });
  owned.add(
    window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel: WebviewPanel, state: ComparisonState | undefined) => {
        if (!state) {
          panel.dispose();
          return;
        }
        const { ComparisonPanel } = await import('./comparisonPanel');
        ComparisonPanel.restore(panel, state, ports);
      },
    }),
  );
  return owned;
}

/** What was captured first is what was before. */
async function byAge(uris: readonly Uri[]): Promise<Uri[]> {
  const aged = await Promise.all(
    uris.map(async (uri) => ({ uri, mtime: (await workspace.fs.stat(uri)).mtime })),
  );
  return aged.sort((one, other) => one.mtime - other.mtime).map(({ uri }) => uri);
}

async function pick(title: string, beside: Uri | undefined): Promise<Uri | undefined> {
  const [chosen] =
    (await window.showOpenDialog({ title, ...(beside && { defaultUri: Uri.joinPath(beside, '..') }) })) ?? [];
  return chosen;
}
