import {
  commands,
  type Disposable,
  type DocumentSymbol,
  EventEmitter,
  type SymbolInformation,
  SymbolKind,
  type TextDocument,
  workspace,
} from 'vscode';
import type { FileWeights, SourceRange } from '../../core/analysis/fileWeights';
import type { ValueType } from '../../core/model/profile';
import { bareName } from '../../core/sources/bareName';
import { commonSegments } from '../../core/sources/pathMappings';
import { Disposables } from '../../../../shell/editor/disposables';
import type { ProfileEntry } from '../list/profileEntry';
import type { ActiveProfile, ProfileList } from '../list/profileList';

/** A function of a document with its weights; lines count from 0. */
export interface WeighedFunction {
  name: string;
  /** As the profile has it. */
  frame: { name: string; file: string };
  line: number;
  /** Its last line. */
  end: number;
  self: number;
  total: number;
}

/** What the profile that is active says about a document. */
export interface DocumentWeight {
  entry: ProfileEntry;
  valueType: ValueType;
  /** What shares are of. */
  whole: number;
  lines: FileWeights['lines'];
  functions: readonly WeighedFunction[];
  /** The file was changed after the capture: lines may have moved. */
  isStale: boolean;
}

const code: readonly SymbolKind[] = [
  ...[SymbolKind.Function, SymbolKind.Method, SymbolKind.Constructor],
  // Functions that are values.
  ...[SymbolKind.Variable, SymbolKind.Constant, SymbolKind.Property, SymbolKind.Field],
];
/** Milliseconds that file systems may round times by. */
const roundingMs = 1500;
/** Lines above the first that ran among which the head of a function is looked for. */
const headLines = 60;

/** Weights of documents in the active profile, for line heat, lenses and what leads from a function to its profile. */
export class DocumentWeights implements Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  private readonly known = new Map<
    string,
    { active: ActiveProfile; version: number; weight: Promise<DocumentWeight | undefined> }
  >();

  constructor(private readonly list: ProfileList) {
    this.owned.add(
      list.onDidActivate(() => {
        this.known.clear();
        this.changed.fire();
      }),
    );
    this.owned.add(workspace.onDidCloseTextDocument(({ uri }) => this.known.delete(uri.toString())));
    this.owned.add(workspace.onDidSaveTextDocument(() => this.changed.fire()));
  }

  /** undefined if no profile is active, or if it has nothing of the document. */
  async of(document: TextDocument): Promise<DocumentWeight | undefined> {
    const { active } = this.list;
    if (!active || document.uri.scheme !== 'file') return undefined;
    const key = document.uri.toString();
    const known = this.known.get(key);
    if (known?.active === active && known.version === document.version) return known.weight;
    // What is typed moves functions, and does not make them lighter: the thread is not asked at every key.
    const before = known?.active === active && document.isDirty ? await known.weight : undefined;
    const weight = before ? moved(document, before) : this.read(document, active);
    this.known.set(key, { active, version: document.version, weight });
    weight.catch(() => this.known.delete(key));
    return weight;
  }

  /** Whether the document is newer than the profile. */
  async isStale(document: TextDocument, entry: ProfileEntry): Promise<boolean> {
    if (document.isDirty) return true;
    const [stat, capturedAt] = await Promise.all([
      workspace.fs.stat(document.uri).then(
        ({ mtime }) => mtime,
        () => 0,
      ),
      entry.capturedAt(),
    ]);
    return stat > capturedAt + roundingMs;
  }

  dispose(): void {
    this.owned.dispose();
  }

  private async read(
    document: TextDocument,
    { entry, valueType }: ActiveProfile,
  ): Promise<DocumentWeight | undefined> {
    const { summary, filesByPath, files: all } = await entry.prepare();
    const { path } = document.uri;
    // Sources outside of the workspace, such as those of a library, are known by more of their path.
    const files =
      filesByPath.get(path) ?? all.filter((file) => file === path || commonSegments(file, path) >= 3);
    if (files.length === 0) return undefined;
    const symbols = await rangesOf(document);
    const weights = await entry.ask('fileWeights', { files, valueType, ranges: symbols });
    const functions = symbols.length > 0 ? fromSymbols(symbols, weights) : fromFrames(document, weights);
    return {
      ...{ entry, valueType: summary.valueTypes[valueType]!, whole: weights.whole, lines: weights.lines },
      ...{ functions, isStale: await this.isStale(document, entry) },
    };
  }
}

/** The weights of a document as it was, at the places that its functions have now. */
async function moved(document: TextDocument, before: DocumentWeight): Promise<DocumentWeight> {
  const symbols = await rangesOf(document);
  const functions = before.functions.flatMap((one) => {
    if (symbols.length === 0) return one.line < document.lineCount ? [one] : [];
    const now = symbols.find(({ name }) => name === one.name);
    return now ? [{ ...one, line: now.line, end: now.to - 1 }] : [];
  });
  return { ...before, functions, isStale: true };
}

interface SymbolRange extends SourceRange {
  /** Where its name stands, from 0. */
  line: number;
}

/** Functions as the language's extension knows them; none without one. */
async function rangesOf({ uri }: TextDocument): Promise<SymbolRange[]> {
  const symbols = await commands.executeCommand<(DocumentSymbol | SymbolInformation)[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    uri,
  );
  const flat = (all: readonly (DocumentSymbol | SymbolInformation)[]): SymbolRange[] =>
    all.flatMap((symbol) => {
      const range = 'range' in symbol ? symbol.range : symbol.location.range;
      const named = 'selectionRange' in symbol ? symbol.selectionRange : range;
      const one = {
        name: symbol.name,
        from: range.start.line + 1,
        to: range.end.line + 1,
        line: named.start.line,
      };
      return [
        ...(code.includes(symbol.kind) ? [one] : []),
        ...flat('children' in symbol ? symbol.children : []),
      ];
    });
  return flat(symbols ?? []);
}

function fromSymbols(symbols: readonly SymbolRange[], { ranges, functions }: FileWeights): WeighedFunction[] {
  return symbols.flatMap(({ name, from, to, line }, index) => {
    const weights = ranges[index]!;
    const inside = functions.filter((one) => one.line !== undefined && one.line >= from && one.line <= to);
    const heaviest = inside.toSorted((a, b) => b.total - a.total);
    const frame = heaviest.find((one) => bareName(one.name) === bareName(name)) ?? heaviest[0];
    if (weights.total === 0 || !frame) return [];
    return [{ name, frame: { name: frame.name, file: frame.file }, line, end: to - 1, ...weights }];
  });
}

/** The lines of the profile are those that ran: the head of the function is at or above the first of them. */
function fromFrames(document: TextDocument, { functions }: FileWeights): WeighedFunction[] {
  const placed = functions
    .filter((one) => one.total !== 0 && one.line !== undefined && one.line <= document.lineCount)
    .map(({ name, file, line, self, total }) => ({
      ...{ name: bareName(name), frame: { name, file }, line: headOf(document, bareName(name), line! - 1) },
      ...{ end: line! - 1, self, total },
    }))
    .sort((a, b) => a.line - b.line);
  return placed.map((one, index) => ({
    ...one,
    end: Math.max(one.end, (placed[index + 1]?.line ?? document.lineCount) - 1),
  }));
}

function headOf(document: TextDocument, name: string, ran: number): number {
  const word = new RegExp(`(?<![\\w$])${name.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')}(?![\\w$])`);
  const stop = Math.max(0, ran - headLines);
  for (let line = ran; line >= stop; line--) if (word.test(document.lineAt(line).text)) return line;
  return ran;
}
