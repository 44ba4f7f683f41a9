import { type CancellationToken, l10n, TerminalProfile, window } from 'vscode';
import { assertTrusted } from '../../../shell/editor/batches';
import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';
import type { HostTerminals } from './hostTerminals';

/** Terminals on hosts. What they are made of is loaded with the first. */
export function terminalFeature(services: Ports<'registry' | 'fleets' | 'batches' | 'logger'>): Disposables {
  const owned = new Disposables();
  let loading: Promise<HostTerminals> | undefined;
  const terminals = () =>
    (loading ??= import('./hostTerminals').then(({ HostTerminals }) =>
      owned.add(new HostTerminals(services)),
    ));
  const load = async () => {
    const { TerminalCommands } = await import('./terminalCommands');
    return new TerminalCommands(services.fleets, await terminals());
  };

  const { registry } = services;
  registry.register({
    'muster.openTerminal': async (node, selected) => {
      assertTrusted();
      await (await load()).open(node, selected);
    },
    'muster.broadcastInput': async () => (await load()).broadcast(),
    'muster.stopBroadcast': async () => (await terminals()).broadcast.share([]),
  });
  owned.add(
    window.registerTerminalProfileProvider('muster.host', {
      provideTerminalProfile: async (token: CancellationToken) => {
        try {
          assertTrusted();
        } catch (error) {
          void window.showErrorMessage((error as Error).message);
          return undefined;
        }
        const { pickHost } = await import('../../../shell/editor/commands/pickHost');
        const choice = await pickHost(services.fleets, l10n.t('Terminal on which host?'), token);
        return choice && new TerminalProfile((await terminals()).options(choice.fleet, choice.host));
      },
    }),
  );
  return owned;
}
