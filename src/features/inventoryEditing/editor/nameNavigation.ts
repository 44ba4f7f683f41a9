import {
  type Disposable,
  DocumentHighlight,
  DocumentHighlightKind,
  DocumentLink,
  DocumentSymbol,
  l10n,
  languages,
  Location,
  type Position,
  SymbolKind,
  type TextDocument,
  Uri,
  WorkspaceEdit,
} from 'vscode';
import type { FoundName, NamedThing } from '../../../platform/inventory/selection/nameSearch';
import { MusterError } from '../../../platform/errors/errors';
import type { Inventory, SourceRange } from '../../../platform/inventory/model';
import { outerSections, type Sections } from '../../../platform/inventory/section';
import { Disposables } from '../../../shell/editor/disposables';
import {
  type InventoryDocuments,
  inventoryFilter,
  type JoinedDocuments,
  rangeIn,
} from './inventoryDocuments';
import { editorRange } from '../../../shell/editor/fleets/sourceRange';

/** Places listed for one name. */
const maxPlaces = 1000;

/** Definitions, references, renaming, highlights, symbols and links in inventories. */
export function offerNavigation(documents: InventoryDocuments): Disposable {
  const owned = new Disposables();
  const at = async (
    document: TextDocument,
    position: Position,
    token?: Parameters<InventoryDocuments['joined']>[1],
  ) => {
    const joined = await documents.joined(document, token);
    const found = joined?.search.at(document.uri.fsPath, document.offsetAt(position));
    return joined && found && { joined, found };
  };

  owned.add(
    languages.registerDefinitionProvider(inventoryFilter, {
      async provideDefinition(document, position, token) {
        const place = await at(document, position, token);
        return place && definitionsOf(place.joined, place.found.thing);
      },
    }),
  );
  owned.add(
    languages.registerReferenceProvider(inventoryFilter, {
      async provideReferences(document, position, { includeDeclaration }, token) {
        const place = await at(document, position, token);
        if (!place) return undefined;
        const { joined, found } = place;
        const uses = joined.search.find(found.thing, ({ isDefinition }) => !isDefinition);
        return [
          ...(includeDeclaration ? definitionsOf(joined, found.thing) : []),
          ...uses.slice(0, maxPlaces).map(joined.locationOf),
        ];
      },
    }),
  );
  owned.add(
    languages.registerDocumentHighlightProvider(inventoryFilter, {
      async provideDocumentHighlights(document, position, token) {
        const place = await at(document, position, token);
        if (!place) return undefined;
        const here = ({ file }: FoundName) => file === document.uri.fsPath;
        return place.joined.search
          .find(place.found.thing)
          .filter(here)
          .slice(0, maxPlaces)
          .map(
            ({ occurrence }) =>
              new DocumentHighlight(
                rangeIn(document, occurrence),
                occurrence.isDefinition ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
              ),
          );
      },
    }),
  );
  owned.add(
    languages.registerRenameProvider(inventoryFilter, {
      async prepareRename(document, position, token) {
        const place = await at(document, position, token);
        if (!place) throw new Error(l10n.t('There is no host, group or check here to rename.'));
        await assertRenamableHere(place);
        const { occurrence } = place.found;
        return { range: rangeIn(document, occurrence), placeholder: occurrence.text };
      },
      async provideRenameEdits(document, position, newName, token) {
        const place = await at(document, position, token);
        if (!place) throw new Error(l10n.t('There is no host, group or check here to rename.'));
        await assertRenamableHere(place);
        const { renameEdits } = await import('../../../platform/inventory/yaml/renameName');
        const { joined, found } = place;
        const edit = new WorkspaceEdit();
        const edits = refusing(() => renameEdits(joined.search, found.thing, newName));
        for (const { file, start, end, text } of edits) {
          const { uri, range } = joined.locationOf({ file, occurrence: { ...found.occurrence, start, end } });
          edit.replace(uri, range, text);
        }
        return edit;
      },
    }),
  );
  owned.add(
    languages.registerDocumentSymbolProvider(inventoryFilter, {
      async provideDocumentSymbols(document, token) {
        if (!documents.isInventory(document)) return undefined;
        const names = await documents.names(document);
        if (token.isCancellationRequested) return undefined;
        return names.sections.map((section) => {
          const range = rangeIn(document, section);
          const key = rangeIn(document, { start: section.start, end: section.start + section.key.length });
          const symbol = new DocumentSymbol(section.key, '', SymbolKind.Module, range, key);
          symbol.children = names.symbols
            .filter((entry) => section.start <= entry.start && entry.start < section.end)
            .map(
              (entry) =>
                new DocumentSymbol(
                  entry.name || '""',
                  entry.detail,
                  symbolKinds[entry.section] ?? SymbolKind.Property,
                  rangeIn(document, { start: entry.nameStart, end: Math.max(entry.end, entry.nameEnd) }),
                  rangeIn(document, { start: entry.nameStart, end: entry.nameEnd }),
                ),
            );
          return symbol;
        });
      },
    }),
  );
  owned.add(
    languages.registerDocumentLinkProvider(inventoryFilter, {
      async provideDocumentLinks(document, token) {
        if (document.uri.scheme !== 'file' || !documents.isInventory(document)) return undefined;
        const [{ imports }, { resolvePath }] = await Promise.all([
          documents.names(document),
          import('../../../platform/inventory/sshConfig/sshDefaults'),
        ]);
        if (token.isCancellationRequested) return undefined;
        return imports.map(
          (one) =>
            new DocumentLink(rangeIn(document, one), Uri.file(resolvePath(one.path, document.uri.fsPath))),
        );
      },
    }),
  );
  return owned;
}

const symbolKinds: Record<string, SymbolKind> = {
  hosts: SymbolKind.Object,
  groups: SymbolKind.Array,
  checks: SymbolKind.Event,
};

/** In the documents, and for names that these do not define, in the files they were imported from. */
function definitionsOf(
  { search, sections, fleet, locationOf }: JoinedDocuments,
  thing: NamedThing,
): Location[] {
  const found = search.find(thing, ({ isDefinition }) => isDefinition).slice(0, maxPlaces);
  const places = found.map(locationOf);
  const { kind, text } = thing;
  const inventory = fleet?.inventory;
  if (!inventory || kind === 'label') return places;
  const searched = new Set(search.documents.map(({ file }) => file));
  const named = namedThings(inventory, sections, kind);
  const pattern = search.pattern(text);
  for (const { name, source } of named.values()) {
    if (places.length >= maxPlaces) break;
    const isMeant = name === text || ((kind === 'host' || kind === 'group') && pattern?.matches(name));
    if (isMeant && !searched.has(source.file))
      places.push(new Location(Uri.file(source.file), editorRange(source)));
  }
  return places;
}

function namedThings(
  inventory: Inventory,
  sections: Sections,
  kind: NamedThing['kind'],
): ReadonlyMap<string, { name: string; source: SourceRange }> {
  if (kind === 'host') return inventory.hosts;
  if (kind === 'group') return inventory.groups;
  const section = outerSections(sections).find(({ noun }) => noun === kind);
  return section ? inventory.section(section) : new Map();
}

async function assertRenamableHere({
  joined,
  found,
}: {
  joined: JoinedDocuments;
  found: FoundName & { thing: NamedThing };
}): Promise<void> {
  const { assertRenamable } = await import('../../../platform/inventory/yaml/renameName');
  const { hosts, groups } = joined.fleet?.inventory ?? { hosts: new Map(), groups: new Map() };
  refusing(() => assertRenamable(joined.search, found, { hosts, groups }));
}

/** The editor shows the message of a plain error beside the name. */
function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw MusterError.is(error) ? new Error(error.message) : error;
  }
}
