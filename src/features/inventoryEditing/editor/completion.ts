import {
  CompletionItem,
  CompletionItemKind,
  CompletionList,
  type Disposable,
  extensions,
  languages,
  type TextDocument,
} from 'vscode';
import type { DocumentNames } from '../../../platform/inventory/yaml/documentNames';
import type { Host, Inventory } from '../../../platform/inventory/model';
import type { Completion, LookupContext } from '../../../platform/inventory/schema/schemaLookup';
import { type InventoryDocuments, inventoryFilter, rangeIn } from './inventoryDocuments';

/** Names of entries are references. */
const kinds: Partial<Record<Completion['kind'], CompletionItemKind>> = {
  key: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  host: CompletionItemKind.Reference,
  group: CompletionItemKind.Module,
  label: CompletionItemKind.EnumMember,
  placeholder: CompletionItemKind.Variable,
};

/** Completion in inventories: keys from the same schema as the validation, names from the inventory. */
export function offerCompletion(documents: InventoryDocuments): Disposable {
  return languages.registerCompletionItemProvider(
    inventoryFilter,
    {
      async provideCompletionItems(document, position, token) {
        if (!documents.isInventory(document)) return undefined;
        const { completionsAt } = await import('../../../platform/inventory/schema/schemaLookup');
        const context = await lookupContext(documents, document);
        if (token.isCancellationRequested) return undefined;
        const { items, isIncomplete } = completionsAt(
          document.getText(),
          document.offsetAt(position),
          context,
        );
        const offered = schemaIsTold()
          ? items.filter(({ kind }) => kind !== 'key' && kind !== 'value')
          : items;
        return new CompletionList(
          offered.map((completion, index) => completionItem(document, completion, index)),
          isIncomplete,
        );
      },
    },
    ...[' ', '@', '{', '=', '"', ','],
  );
}

/** The YAML extension completes and explains the contributed schema: two would show everything twice. */
export function schemaIsTold(): boolean {
  return extensions.getExtension('redhat.vscode-yaml') !== undefined;
}

export async function lookupContext(
  documents: InventoryDocuments,
  document: TextDocument,
): Promise<LookupContext> {
  const sections = await documents.sections();
  const inventory = documents.fleetOf(document)?.inventory;
  const names = document.isDirty || !inventory ? documents.lastNames(document) : undefined;
  return { sections, inventory: names ? withUnsaved(inventory, names) : inventory };
}

type Names = Pick<Inventory, 'hosts' | 'groups'> & Partial<Pick<Inventory, 'section'>>;

/** The names of the inventory, and those that were typed since it was saved. */
function withUnsaved(inventory: Names | undefined, { symbols }: DocumentNames): Names {
  const isNew = (name: string) =>
    !/[[\]*?]/.test(name) && !inventory?.hosts.has(name) && !inventory?.groups.has(name);
  const added = symbols.filter(({ name }) => isNew(name));
  if (added.length === 0 && inventory) return inventory;
  const hosts = new Map(inventory?.hosts);
  const groups = new Map(inventory?.groups);
  const source = { file: '', line: 1, column: 1, endLine: 1, endColumn: 1 };
  for (const { section, name, detail } of added) {
    if (section === 'hosts') hosts.set(name, unsavedHost(name, detail, source));
    if (section === 'groups') groups.set(name, { name, hosts: [], source });
  }
  return { ...(inventory && { section: inventory.section }), hosts, groups };
}

function unsavedHost(name: string, address: string, source: Host['source']): Host {
  return { name, address: address || name, labels: {}, groups: [], ssh: {}, variables: {}, source };
}

function completionItem(document: TextDocument, completion: Completion, index: number): CompletionItem {
  const item = new CompletionItem(
    { label: completion.label, ...(completion.kind !== 'key' && { description: completion.description }) },
    kinds[completion.kind] ?? CompletionItemKind.Reference,
  );
  item.insertText = completion.insertText;
  item.range = rangeIn(document, completion);
  item.sortText = String(index).padStart(5, '0');
  if (completion.kind === 'key') item.documentation = completion.description;
  return item;
}
