import { basename } from 'node:path';
import { l10n, TabInputCustom, Uri, type WebviewPanel, window, workspace } from 'vscode';
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
      const one = different[0] ?? shownProfile() ?? (await pick(l10n.t('Compare which profile?'), undefined));
      const other = one && (different[1] ?? (await pick(l10n.t('Compare {0} with…', nameOf(one)), one)));
      if (!one || !other) return;
      const [before, after] = await byAge([one, other]);
      const { ComparisonPanel } = await import('./comparisonPanel');
      ComparisonPanel.open(before!, after!, ports);
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

/** The profile of the flame graph in front. */
function shownProfile(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof TabInputCustom && input.viewType.startsWith('muster.flameGraph')
    ? input.uri
    : undefined;
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

const nameOf = (uri: Uri) => basename(uri.path);
