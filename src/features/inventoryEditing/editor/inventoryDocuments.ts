import { basename, extname } from 'node:path';
import {
  type CancellationToken,
  type DocumentFilter,
  Location,
  Range,
  type TextDocument,
  Uri,
  workspace,
} from 'vscode';
import type { DocumentNames } from '../../../platform/inventory/yaml/documentNames';
import type { TextSpan } from '../../../platform/inventory/yaml/documentSections';
import type { Inventory } from '../../../platform/inventory/model';
import type { FoundName, NameSearch } from '../../../platform/inventory/selection/nameSearch';
import type { Sections } from '../../../platform/inventory/section';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';

export const inventoryFilter: DocumentFilter[] = [
  { language: 'yaml', scheme: 'file' },
  { language: 'yaml', scheme: 'untitled' },
];

/** The documents of one inventory: the one asked about and those that it is joined with. */
export interface JoinedDocuments {
  fleet: Fleet | undefined;
  search: NameSearch;
  sections: Sections;
  readonly locationOf: (found: FoundName) => Location;
}

interface NamedText {
  file: string;
  names: DocumentNames;
}

interface Reading {
  version: number;
  names: DocumentNames | undefined;
  running: Promise<DocumentNames> | undefined;
}

/** More files than this are not searched. */
const maxFiles = 50;

/** What the open `muster.yaml` texts say, read once for each version and in small steps. */
export class InventoryDocuments {
  private readonly readings = new WeakMap<TextDocument, Reading>();
  /** What was joined last: a cursor that moves asks for the same again. */
  private last:
    { inventory: Inventory | undefined; named: readonly NamedText[]; joined: JoinedDocuments } | undefined;

  private known: { extraProbes: Fleets['extraProbes']; sections: Sections } | undefined;

  constructor(private readonly fleets: Fleets) {}

  /** The sections that a document may have, the same ones until other extensions bring or take kinds of checks. */
  async sections(): Promise<Sections> {
    const { sectionsWith } = await import('../../../engine/sections');
    const { extraProbes } = this.fleets;
    if (this.known?.extraProbes !== extraProbes)
      this.known = { extraProbes, sections: sectionsWith(extraProbes) };
    return this.known.sections;
  }

  fleetOf({ uri }: Pick<TextDocument, 'uri'>): Fleet | undefined {
    const { all } = this.fleets;
    return (
      all.find(({ file }) => file === uri.fsPath) ??
      all.find(({ inventory }) => inventory?.files.includes(uri.fsPath))
    );
  }

  /** Whether it is a `muster.yaml`, by whatever name: the inventory of a fleet, or imported by one. */
  isInventory(document: TextDocument): boolean {
    if (basename(document.uri.fsPath) === 'muster.yaml') return true;
    const fleet = this.fleetOf(document);
    if (!fleet) return false;
    if (fleet.file === document.uri.fsPath) return true;
    return looksLikeInventory(document.getText(), fleet.inventory?.topKeys ?? []);
  }

  /** The names in the document as it is when they have been read. */
  names(document: TextDocument): Promise<DocumentNames> {
    const reading = this.readings.get(document) ?? { version: -1, names: undefined, running: undefined };
    this.readings.set(document, reading);
    if (reading.version === document.version && reading.names) return Promise.resolve(reading.names);
    reading.running ??= this.read(document, reading).finally(() => (reading.running = undefined));
    return reading.running;
  }

  /** The names of the last version that was read. */
  lastNames(document: TextDocument): DocumentNames | undefined {
    return this.readings.get(document)?.names;
  }

  /** The document with the others of its inventory; undefined when it is none, or nobody waits any longer. */
  async joined(document: TextDocument, token?: CancellationToken): Promise<JoinedDocuments | undefined> {
    if (!this.isInventory(document)) return undefined;
    const fleet = this.fleetOf(document);
    const documents = await this.documentsOf(document, fleet);
    const named: NamedText[] = [];
    for (const [file, one] of documents) {
      named.push({ file, names: await this.names(one) });
      if (token?.isCancellationRequested) return undefined;
    }
    const { NameSearch } = await import('../../../platform/inventory/selection/nameSearch');
    const { last } = this;
    const isSame =
      last?.inventory === fleet?.inventory &&
      last?.named.length === named.length &&
      named.every(({ file, names }, index) => {
        const before = last.named[index];
        return before?.file === file && before.names === names;
      });
    if (last && isSame) return last.joined;
    const known = {
      hosts: fleet?.inventory?.hosts ?? new Map(),
      groups: fleet?.inventory?.groups ?? new Map(),
    };
    const joined = {
      fleet,
      search: new NameSearch(named, known),
      sections: await this.sections(),
      locationOf: ({ file, occurrence }: FoundName) => {
        const one = documents.get(file)!;
        return new Location(one.uri, rangeIn(one, occurrence));
      },
    };
    this.last = { inventory: fleet?.inventory, named, joined };
    return joined;
  }

  private async documentsOf(
    document: TextDocument,
    fleet: Fleet | undefined,
  ): Promise<Map<string, TextDocument>> {
    const documents = new Map([[document.uri.fsPath, document]]);
    const files = fleet ? [fleet.file, ...(fleet.inventory?.files ?? [])] : [];
    for (const file of files.filter((name) => /\.ya?ml$/i.test(extname(name)))) {
      if (documents.size >= maxFiles || documents.has(file)) continue;
      try {
        const other = await workspace.openTextDocument(Uri.file(file));
        if (this.isInventory(other)) documents.set(file, other);
      } catch {
        // Its problem is shown where it is imported.
      }
    }
    return documents;
  }

  private async read(document: TextDocument, reading: Reading): Promise<DocumentNames> {
    const [{ readingNames }, { finishBreathing }] = await Promise.all([
      import('../../../platform/inventory/yaml/documentNames'),
      import('../../../platform/inventory/steps'),
    ]);
    const sections = await this.sections();
    let names = reading.names;
    while (!names || reading.version !== document.version) {
      const { version } = document;
      names = await finishBreathing(readingNames(document.getText(), sections, names));
      Object.assign(reading, { version, names });
    }
    return names;
  }
}

/** Other YAML, such as an Ansible inventory, has other keys at its top. */
function looksLikeInventory(text: string, topKeys: readonly string[]): boolean {
  const keys = [...text.matchAll(/^([^\s#:]+)\s*:/gm)].map((match) => match[1]!);
  return keys.length > 0 && keys.every((key) => topKeys.includes(key) || key.startsWith('x-'));
}

export function rangeIn(document: TextDocument, { start, end }: TextSpan): Range {
  return new Range(document.positionAt(start), document.positionAt(end));
}
