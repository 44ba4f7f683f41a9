import { canReachHosts } from '../../../shell/editor/hosts/hostClauses';
import { type ArgumentsIn, command, type Contribution } from '../../../shell/editor/manifest/contribution';
import { all, isTrusted, matches } from '../../../shell/editor/manifest/whenClauses';
import type { RequestPlace } from './requestFiles';
import { requestLanguage, responseScheme } from './requestScheme';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof httpContribution.commands> {}
}

const inRequests = matches('editorLangId', requestLanguage);
/** Responses of several hosts are coloured as runs are. */
const onGroups = all(matches('resourceScheme', responseScheme), matches('editorLangId', 'muster-run'));

export const httpContribution = {
  commands: {
    'muster.sendRequest': command<[place?: RequestPlace]>({
      icon: 'play',
      palette: all(isTrusted, inRequests),
      menus: { 'editor/context': { '5_muster@1': all(isTrusted, inRequests) } },
    }),
    'muster.sendRequestFromHosts': command<[place?: RequestPlace]>({
      icon: 'server-process',
      palette: all(canReachHosts, inRequests),
      menus: { 'editor/context': { '5_muster@2': all(canReachHosts, inRequests) } },
    }),
    'muster.saveRequestAsCheck': command<[place?: RequestPlace]>({
      icon: 'save',
      palette: inRequests,
      menus: { 'editor/context': { '5_muster@3': inRequests } },
    }),
    'muster.copyRequestAsCurl': command<[place?: RequestPlace]>({
      icon: 'copy',
      palette: inRequests,
      menus: { 'editor/context': { '5_muster@4': inRequests } },
    }),
    'muster.pasteCurlAsRequest': command({ icon: 'clippy' }),
    'muster.importHar': command({ icon: 'cloud-download' }),
    'muster.compareResponses': command({
      icon: 'diff',
      palette: onGroups,
      menus: { 'editor/title': { 'navigation@1': onGroups } },
    }),
    'muster.enterRequestSecret': command<[place?: RequestPlace]>({ palette: inRequests }),
    'muster.forgetRequestSecret': command<[place?: RequestPlace]>({ palette: inRequests }),
  },
  others: {
    languages: [{ id: requestLanguage, aliases: ['HTTP'], extensions: ['.http', '.rest'] }],
    grammars: [
      {
        language: requestLanguage,
        scopeName: 'source.http.muster',
        path: './media/muster-http.tmLanguage.json',
        embeddedLanguages: { 'meta.embedded.json.http': 'json' },
      },
    ],
  },
} satisfies Contribution;
