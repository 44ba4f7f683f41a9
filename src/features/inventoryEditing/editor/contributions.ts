import { shellContext } from '../../../shell/editor/contextKeys';
import { inHosts, onHostsOrChecks } from '../../../shell/editor/hosts/hostClauses';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import { type ArgumentsIn, command, type Contribution } from '../../../shell/editor/manifest/contribution';
import { all, any, matches, not } from '../../../shell/editor/manifest/whenClauses';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof inventoryEditingContribution.commands> {}
}

export const inventoryEditingContribution = {
  commands: {
    'muster.openInventory': command<[row?: HostsNode]>({
      icon: 'go-to-file',
      palette: shellContext.hasInventory,
      menus: {
        'view/title': { '1_inventory@2': all(inHosts, shellContext.hasInventory) },
        'view/item/context': { '2_inventory@1': onHostsOrChecks },
      },
    }),
    'muster.createInventory': command({
      icon: 'new-file',
      palette: all('workspaceFolderCount > 0', not(shellContext.hasInventory)),
    }),
    'muster.refreshInventory': command({
      icon: 'refresh',
      menus: { 'view/title': { '1_inventory@1': inHosts } },
    }),
    'muster.showHosts': command<[what?: { inventory: string; hosts?: readonly string[]; title?: string }]>({
      icon: 'list-tree',
      palette: shellContext.hasInventory,
      menus: { 'view/title': { '1_inventory@4': all(inHosts, shellContext.hasInventory) } },
    }),
    'muster.importHosts': command<[source?: unknown]>({
      icon: 'cloud-download',
      palette: any('workspaceFolderCount > 0', matches('editorLangId', 'yaml')),
      menus: { 'view/title': { '1_inventory@3': inHosts } },
    }),
  },
  settings: {
    inventory: { 'muster.codeLens': { order: 1, type: 'boolean', default: true, scope: 'resource' } },
  },
  walkthrough: { inventory: ['muster.openInventory', 'muster.createInventory', 'muster.importHosts'] },
  others: { yamlValidation: [{ fileMatch: 'muster.yaml', url: './media/muster.schema.json' }] },
} satisfies Contribution;
