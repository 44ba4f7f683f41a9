import {
  CodeLens,
  type CodeLensProvider,
  type Disposable,
  EventEmitter,
  extensions,
  l10n,
  languages,
  Range,
  type TextDocument,
  workspace,
} from 'vscode';
import { printable } from '../../../platform/text/printable';
import { linkTo } from '../../../shell/editor/commands/musterCommands';
import { Disposables } from '../../../shell/editor/disposables';
import { codeLensSetting } from '../../../shell/editor/settings';
import type { FileRequest } from '../core/file/httpFile';
import { isRequestFile, type RequestFiles } from './requestFiles';
import { requestLanguage } from './requestScheme';

/** More requests of a file have no lenses; commands reach them. */
const mostRequests = 1000;

/** “Send | Send from Hosts… | Save as Check” over requests. */
export function offerRequestLenses(files: RequestFiles): Disposable {
  const owned = new Disposables();
  const changed = owned.add(new EventEmitter<void>());
  owned.add(codeLensSetting.onDidChange(() => changed.fire()));
  owned.add(workspace.onDidGrantWorkspaceTrust(() => changed.fire()));
  owned.add(extensions.onDidChange(() => changed.fire()));
  owned.add(
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('rest-client')) changed.fire();
    }),
  );
  const provider: CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    async provideCodeLenses(document, token) {
      if (!codeLensSetting.get(document.uri) || !isRequestFile(document)) return [];
      const { requests } = await files.of(document);
      if (token.isCancellationRequested) return [];
      const isOffered = isSentByAnother(document);
      return requests.slice(0, mostRequests).flatMap((request) => lensesOf(document, request, isOffered));
    },
  };
  owned.add(languages.registerCodeLensProvider({ language: requestLanguage }, provider));
  return owned;
}

/** Whether REST Client offers to send requests, which it does from this machine. */
function isSentByAnother({ uri }: TextDocument): boolean {
  if (!extensions.getExtension('humao.rest-client')) return false;
  return workspace.getConfiguration('rest-client', uri).get('enableSendRequestCodeLens') !== false;
}

function lensesOf(document: TextDocument, request: FileRequest, isOffered: boolean): CodeLens[] {
  const { line, hosts } = request;
  const range = new Range(line - 1, 0, line - 1, 0);
  const place = { uri: document.uri.toString(), line };
  const from = printable(hosts.join(' '), 40);
  const send = linkTo(
    'muster.sendRequest',
    hosts.length === 0 ? l10n.t('Send') : l10n.t('Send from {0}', from),
    place,
  );
  const commands = [
    ...(workspace.isTrusted
      ? [
          // Of two lenses that do the same, one is enough.
          ...(isOffered && hosts.length === 0 ? [] : [send]),
          linkTo('muster.sendRequestFromHosts', l10n.t('Send from Hosts…'), place),
        ]
      : []),
    linkTo('muster.saveRequestAsCheck', l10n.t('Save as Check'), place),
  ];
  return commands.map((command) => new CodeLens(range, command));
}
