import { canReachHosts, onHost, onHosts } from '../../../shell/editor/hosts/hostClauses';
import type { HostsArguments } from '../../../shell/editor/hosts/hostsArguments';
import { type ArgumentsIn, command, type Contribution } from '../../../shell/editor/manifest/contribution';
import { all, isTrusted } from '../../../shell/editor/manifest/whenClauses';
import { terminalsContext } from './contextKeys';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof terminalsContribution.commands> {}
}

export const terminalsContribution = {
  contextKeys: terminalsContext,
  commands: {
    'muster.broadcastInput': command({
      icon: 'broadcast',
      palette: terminalsContext.severalTerminals,
      menus: {
        'terminal/context': { '5_muster@1': terminalsContext.severalTerminals },
        'terminal/title/context': { '5_muster@1': terminalsContext.severalTerminals },
      },
    }),
    'muster.stopBroadcast': command({
      icon: 'circle-slash',
      palette: terminalsContext.broadcasting,
      menus: {
        'terminal/context': { '5_muster@2': terminalsContext.broadcasting },
        'terminal/title/context': { '5_muster@2': terminalsContext.broadcasting },
      },
    }),
    'muster.openTerminal': command<HostsArguments>({
      icon: 'terminal',
      palette: canReachHosts,
      menus: {
        'view/item/context': { 'inline@2': all(onHost, isTrusted), '1_work@3': all(onHosts, isTrusted) },
      },
    }),
  },
  others: { terminal: { profiles: [{ id: 'muster.host', title: '%terminal.host%', icon: 'server' }] } },
} satisfies Contribution;
