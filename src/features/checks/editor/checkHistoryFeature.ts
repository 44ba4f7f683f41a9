import { join } from 'node:path';
import { l10n, window } from 'vscode';
import { Disposables } from '../../../shell/editor/disposables';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import type { Ports } from '../../../shell/editor/services';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import { statusWord } from '../../../shell/editor/hosts/wording';
import { workspaceStorage } from '../../../shell/editor/workspaceStorage';
import { CheckAges } from './checkAges';
import { AutomaticChecks } from './checkAutomatically';
import { HistoryDocuments } from './historyDocuments';
import { HistoryStore } from './historyStore';
import { notifyOfStateChanges } from './stateNotifications';

/** What checks found outlives the window, ages on screen, is repeated on an interval and told when it changes. */
export function checkHistoryFeature(
  services: Ports<
    'context' | 'registry' | 'fleets' | 'checks' | 'statusBar' | 'redactor' | 'logger' | 'beforeClose'
  >,
): Disposables {
  const { context, registry, fleets, checks, redactor, logger, beforeClose } = services;
  const owned = new Disposables();
  owned.add(new CheckAges(fleets));
  const storage = workspaceStorage(context);
  const folder = storage && join(storage, 'check-history');
  const store = owned.add(new HistoryStore(folder, fleets, checks, redactor, logger));
  beforeClose(() => store.flush());
  const documents = owned.add(new HistoryDocuments(fleets, checks));
  const automatic = owned.add(new AutomaticChecks(services));
  owned.add(notifyOfStateChanges(checks, (fleet, host) => documents.show(fleet, host)));

  registry.register({
    'muster.showHistory': async (node?: HostsNode) => {
      if (node?.kind === 'check') return documents.show(node.fleet, node.host.name, node.check.name);
      if (node?.kind === 'host') return documents.show(node.fleet, node.host.name);
      const picked = await pickHost(fleets);
      return picked && documents.show(picked.fleet, picked.host);
    },
    'muster.clearHistory': async () => {
      await store.clear();
      documents.refreshAll();
      void window.showInformationMessage(l10n.t('The check history of this workspace was cleared.'));
    },
    'muster.checkAutomatically': automatic.choose,
  });
  return owned;
}

async function pickHost(fleets: Fleets): Promise<{ fleet: Fleet; host: string } | undefined> {
  const items = fleets.shown.flatMap((fleet) =>
    [...fleet.inventory!.hosts.keys()].map((host) => ({
      label: host,
      description: [
        statusWord(fleet.verdicts.host(host).status),
        ...(fleets.shown.length > 1 ? [fleet.label] : []),
      ].join(' · '),
      fleet,
      host,
    })),
  );
  return window.showQuickPick(items, { title: l10n.t('Show History: of which host?') });
}
