import path from 'node:path';
import { MusterError } from '../../errors/errors';
import { t } from '../../l10n/l10n';
import { readAnsible } from '../ansible/ansible';
import { FileAccess, type FileOptions, refusalOf } from '../fileAccess';
import type { Fragment, ImportDraft } from '../fragment';
import type { Problem } from '../model';
import { readingMusterFile } from '../musterFile';
import type { Sections } from '../section';
import { readSshConfig } from '../sshConfig/sshConfig';
import { resolvePath } from '../sshConfig/sshDefaults';
import { finishBreathing } from '../steps';
import { parsingYaml } from '../yaml/yamlSource';
import type { InventorySource } from './inventorySource';

export interface LoadOptions extends FileOptions {
  sections: Sections;
}

/** The fragments of a `muster.yaml`, its own first. */
export type FileFragments = readonly [Fragment, ...Fragment[]];

/** A `muster.yaml` with what it imports. Whoever shows it watches its files. */
export class FileSource implements InventorySource {
  private readonly file: string;

  constructor(
    file: string,
    private readonly options: LoadOptions,
  ) {
    this.file = path.resolve(file);
  }

  describe(): string {
    return this.file;
  }

  async load(signal?: AbortSignal): Promise<{ fragments(): FileFragments }> {
    const loader = new Loader(signal ? { ...this.options, signal } : this.options);
    const fragments = await loader.load(this.file, []);
    return { fragments: () => fragments };
  }
}

type Importer = (file: string, from: Fragment, chain: readonly string[]) => Promise<Fragment[]>;

/** Inventories that import one another, one below the other. */
const maxDepth = 32;

class Loader {
  private readonly files: FileAccess;
  private readonly loaded = new Set<string>();

  /** How each kind of import is read; a new kind is one line here and one key in the schema. */
  private readonly importers: Record<ImportDraft['kind'], Importer> = {
    muster: (file, _, chain) => this.load(file, chain),
    ansible: async (file, from) => [await readAnsible(file, from.defaultSsh, this.files)],
    sshConfig: async (file, from) => [await readSshConfig(file, from.defaultSsh, this.files)],
  };

  constructor(private readonly options: LoadOptions) {
    this.files = new FileAccess(options);
  }

  async load(file: string, chain: readonly string[]): Promise<[Fragment, ...Fragment[]]> {
    const source = await finishBreathing(parsingYaml(await this.files.read(file), file));
    const fragment = await finishBreathing(readingMusterFile(source, this.options.sections));
    const imported: Fragment[] = [];
    for (const draft of fragment.imports)
      imported.push(...(await this.import(draft, fragment, [...chain, file])));
    return [fragment, ...imported];
  }

  /** One import that fails is a problem where it is named. */
  private async import(draft: ImportDraft, from: Fragment, chain: readonly string[]): Promise<Fragment[]> {
    const file = resolvePath(draft.path, from.file);
    const report = (message: string, severity: Problem['severity'] = 'error') =>
      from.problems.push({ severity, message, range: draft.range });
    if (chain.includes(file)) {
      const cycle = [...chain.slice(chain.indexOf(file)), file].map((name) => path.basename(name));
      report(t('cyclic imports: {0}', cycle.join(' → ')));
      return [];
    }
    if (chain.length > maxDepth) {
      report(t('files are imported more than {0} deep', maxDepth));
      return [];
    }
    if (this.loaded.has(file)) return [];
    this.loaded.add(file);
    try {
      return await this.importers[draft.kind](file, from, chain);
    } catch (error) {
      if (!MusterError.is(error, 'INVENTORY')) throw error;
      const refusal = refusalOf(error);
      report(error.message, refusal?.severity);
      // What is not to be looked at is not watched either.
      if (!refusal) from.files.push(file);
      return [];
    }
  }
}
