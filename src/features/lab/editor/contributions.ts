import { inHosts } from '../../../shell/editor/hosts/hostClauses';
import { type ArgumentsIn, command, type Contribution } from '../../../shell/editor/manifest/contribution';
import { all, isTrusted, not } from '../../../shell/editor/manifest/whenClauses';
import { labContext } from './contextKeys';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof labContribution.commands> {}
}

export const labContribution = {
  contextKeys: labContext,
  commands: {
    'muster.startLab': command({
      icon: 'beaker',
      palette: all(isTrusted, not(labContext.labRunning)),
      menus: { 'view/title': { '2_lab@1': all(inHosts, isTrusted, not(labContext.labRunning)) } },
    }),
    'muster.stopLab': command({
      icon: 'debug-stop',
      palette: labContext.labRunning,
      menus: { 'view/title': { '2_lab@1': all(inHosts, labContext.labRunning) } },
    }),
    'muster.openLabFolder': command({
      icon: 'folder-opened',
      palette: labContext.labRunning,
      menus: { 'view/title': { '2_lab@2': all(inHosts, labContext.labRunning) } },
    }),
  },
  walkthrough: { lab: ['muster.startLab'] },
} satisfies Contribution;
