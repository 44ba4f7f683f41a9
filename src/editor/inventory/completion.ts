import { basename } from 'node:path';
import {
  CompletionItem,
  CompletionItemKind,
  type Disposable,
  extensions,
  Hover,
  languages,
  MarkdownString,
  Range,
  type TextDocument,
} from 'vscode';
import type { Completion, LookupContext } from '../../core/inventory/schemaLookup';
import { Disposables } from '../disposables';
import type { Fleets } from '../fleets/fleets';

const selector = { language: 'yaml', scheme: 'file' };

const kinds: Record<Completion['kind'], CompletionItemKind> = {
  key: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  host: CompletionItemKind.Reference,
  group: CompletionItemKind.Module,
  label: CompletionItemKind.EnumMember,
  placeholder: CompletionItemKind.Variable,
};

/** Completion and hover in inventories, from the same schema as the validation. */
export function offerCompletion(fleets: Fleets): Disposable {
  const owned = new Disposables();
  owned.add(
    languages.registerCompletionItemProvider(
      selector,
      {
        async provideCompletionItems(document, position) {
          if (!isOurs(fleets, document)) return undefined;
          const { completionsAt } = await import('../../core/inventory/schemaLookup');
          const context = await lookupContext(fleets, document);
          return completionsAt(document.getText(), document.offsetAt(position), context).map((completion) =>
            completionItem(document, completion),
          );
        },
      },
      ...[' ', '@', '{', '=', '"'],
    ),
  );
  owned.add(
    languages.registerHoverProvider(selector, {
      async provideHover(document, position) {
        if (!isOurs(fleets, document)) return undefined;
        const { hoverAt } = await import('../../core/inventory/schemaLookup');
        const context = await lookupContext(fleets, document);
        const hover = hoverAt(document.getText(), document.offsetAt(position), context);
        return hover && new Hover(new MarkdownString(hover.text), rangeOf(document, hover));
      },
    }),
  );
  return owned;
}

/** The YAML extension does the same from the contributed schema: two would show everything twice. */
function isOurs(fleets: Fleets, { uri }: TextDocument): boolean {
  if (extensions.getExtension('redhat.vscode-yaml')) return false;
  return basename(uri.fsPath) === 'muster.yaml' || fleets.all.some((fleet) => fleet.file === uri.fsPath);
}

let schema: LookupContext['schema'] | undefined;

async function lookupContext(fleets: Fleets, { uri }: TextDocument): Promise<LookupContext> {
  const [{ inventoryJsonSchema }, { probes }] = await Promise.all([
    import('../../core/inventory/schema'),
    import('../../core/checks/probes'),
  ]);
  schema ??= inventoryJsonSchema(probes);
  const fleet = fleets.all.find(({ inventory, file }) => (inventory?.files ?? [file]).includes(uri.fsPath));
  return { schema, inventory: fleet?.inventory };
}

function completionItem(document: TextDocument, completion: Completion): CompletionItem {
  const item = new CompletionItem(completion.label, kinds[completion.kind]);
  item.insertText = completion.insertText;
  item.range = rangeOf(document, completion);
  if (completion.kind === 'key') item.documentation = completion.description;
  else item.detail = completion.description;
  return item;
}

function rangeOf(document: TextDocument, { start, end }: { start: number; end: number }): Range {
  return new Range(document.positionAt(start), document.positionAt(end));
}
