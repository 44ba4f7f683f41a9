import { command, type Contribution, type ArgumentsIn } from '../../../shell/editor/manifest/contribution';
import { all, not, inView, isTrusted } from '../../../shell/editor/manifest/whenClauses';
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
      menus: {
        'view/title': { '2_lab@1': all(inView('muster.hosts'), isTrusted, not(labContext.labRunning)) },
      },
    }),
    'muster.stopLab': command({
      icon: 'debug-stop',
      palette: labContext.labRunning,
      menus: { 'view/title': { '2_lab@1': all(inView('muster.hosts'), labContext.labRunning) } },
    }),
    'muster.openLabFolder': command({
      icon: 'folder-opened',
      palette: labContext.labRunning,
      menus: { 'view/title': { '2_lab@2': all(inView('muster.hosts'), labContext.labRunning) } },
    }),
  },
  walkthrough: { lab: ['muster.startLab'] },
} satisfies Contribution;
