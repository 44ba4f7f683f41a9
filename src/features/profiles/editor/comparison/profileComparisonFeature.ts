import { basename } from 'node:path';
import { l10n, Uri, type WebviewPanel, window } from 'vscode';
import type { ComparisonState } from '../../protocol/profileComparison';
import { Disposables } from '../../../../shell/editor/disposables';
import type { Ports } from '../../../../shell/editor/services';
import type { CaptureStore } from '../capture/captureStore';
import { captureStoreOf } from '../capture/captureStoreOf';
import type { ComparisonPanel } from './comparisonPanel';
import { profileTime } from '../list/profileTime';
import { shownProfile } from '../list/shownProfile';

/** Also the `comparisonViewType` of the panel, which is loaded with the first. */
const viewType = 'muster.profileComparison';

/** Two profiles laid over each other: chosen together in the Explorer, or one after the other. */
export function profileComparisonFeature({
  context,
  logger,
  profiles,
  registry,
}: Ports<'context' | 'logger' | 'profiles' | 'registry'>): Disposables {
  const owned = new Disposables();
  const captures = captureStoreOf({ context, logger });
  const ports = { extensionUri: context.extensionUri, logger, profiles, captures };
  const panels = new Set<ComparisonPanel>();
  const keep = (panel: ComparisonPanel) => {
    panels.add(panel);
    panel.closed.addEventListener('abort', () => panels.delete(panel));
  };
  registry.register({
    'muster.compareProfiles': async (first?: Uri, selected?: readonly Uri[]) => {
      const all = [...(first ? [first] : []), ...(selected ?? [])];
      const different = [...new Map(all.map((uri) => [uri.toString(), uri])).values()];
      const one = different[0] ?? shown() ?? (await pick(l10n.t('Compare which profile?'), undefined));
      const other = one && (different[1] ?? (await pick(l10n.t('Compare {0} with…', nameOf(one)), one)));
      if (!one || !other) return;
      const [before, after] = await inOrder(one, other, captures);
      const { ComparisonPanel } = await import('./comparisonPanel');
      keep(ComparisonPanel.open(before, after, ports));
    },
    'muster.swapProfiles': () => [...panels].find(({ isActive }) => isActive)?.swap(),
  });
  owned.add(
    window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel: WebviewPanel, state: ComparisonState | undefined) => {
        if (!state) {
          panel.dispose();
          return;
        }
        const { ComparisonPanel } = await import('./comparisonPanel');
        keep(ComparisonPanel.restore(panel, state, ports));
      },
    }),
  );
  return owned;
}

/** The profile of the tab in front. */
function shown(): Uri | undefined {
  const profile = shownProfile();
  return profile?.isSure ? profile.uri : undefined;
}

/** What was taken first is what was before; of two whose times are not known or the same, what was chosen first. */
async function inOrder(one: Uri, other: Uri, captures: CaptureStore): Promise<[before: Uri, after: Uri]> {
  const [first, second] = await Promise.all([profileTime(one, captures), profileTime(other, captures)]);
  return first && second && second.at < first.at ? [other, one] : [one, other];
}

async function pick(title: string, beside: Uri | undefined): Promise<Uri | undefined> {
  const [chosen] =
    (await window.showOpenDialog({ title, ...(beside && { defaultUri: Uri.joinPath(beside, '..') }) })) ?? [];
  return chosen;
}

const nameOf = (uri: Uri) => basename(uri.path);
