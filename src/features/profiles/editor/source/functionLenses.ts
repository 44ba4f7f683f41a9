import {
  CodeLens,
  type CodeLensProvider,
  type Disposable,
  EventEmitter,
  l10n,
  languages,
  Range,
  type TextDocument,
  workspace,
} from 'vscode';
import { linkTo } from '../../../../shell/editor/commands/musterCommands';
import { weightText } from '../../core/model/weightText';
import { Disposables } from '../../../../shell/editor/disposables';
import type { DocumentWeights } from './documentWeights';
import { showHeatSetting } from './lineHeat';
import { shareText } from '../list/share';

const languageIds = [
  ...['go', 'python', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact'],
  ...['c', 'cpp', 'cuda-cpp', 'java', 'kotlin', 'scala', 'groovy', 'rust', 'ruby', 'php', 'csharp', 'lua'],
];

/** “self 12% · total 40%” over the functions of the active profile. */
export function offerFunctionLenses(weights: DocumentWeights): Disposable {
  const owned = new Disposables();
  const changed = owned.add(new EventEmitter<void>());
  const dirty = new WeakMap<TextDocument, boolean>();
  owned.add(weights.onDidChange(() => changed.fire()));
  owned.add(showHeatSetting.onDidChange(() => changed.fire()));
  owned.add(
    workspace.onDidChangeTextDocument(({ document }) => {
      if (dirty.get(document) === document.isDirty) return;
      dirty.set(document, document.isDirty);
      changed.fire();
    }),
  );
  const provider: CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    async provideCodeLenses(document, token) {
      if (!showHeatSetting.get(document.uri)) return [];
      const weight = await weights.of(document).catch((): undefined => undefined);
      if (!weight || token.isCancellationRequested) return [];
      const { functions, whole, valueType, entry, isStale } = weight;
      return functions.map(({ frame, line, self, total }) => {
        const words = l10n.t('self {0} · total {1}', shareText(self, whole), shareText(total, whole));
        return new CodeLens(new Range(line, 0, line, 0), {
          ...linkTo(
            'muster.showInProfile',
            isStale ? l10n.t('{0} (changed since the capture)', words) : words,
            entry.uri,
            frame,
          ),
          tooltip: [
            `${valueType.name}: ${weightText(self, valueType.unit)} · ${weightText(total, valueType.unit)}`,
            l10n.t('Show in Profile'),
          ].join('\n'),
        });
      });
    },
  };
  owned.add(
    languages.registerCodeLensProvider(
      languageIds.map((language) => ({ scheme: 'file', language })),
      provider,
    ),
  );
  return owned;
}
