import { posix } from 'node:path';
import { l10n } from 'vscode';
import { errorReport, MusterError } from '../../../platform/errors/errors';
import type { HostFileResult } from '../../../platform/transport/files/compareFiles';
import { hashOfFile } from '../core/localFile';
import { type LocalItem, readLocalTree } from '../core/localTree';

/** A file that hosts have, by its path below the folder of each: what each host has there. */
export interface FetchedFile {
  path: string;
  /** In the order of the hosts. */
  results: HostFileResult[];
}

/** Reads what was fetched of `source`, each host's from its folder. @throws MusterError USAGE */
export async function fetchedFiles(
  folders: ReadonlyMap<string, string>,
  source: string,
): Promise<FetchedFile[]> {
  const trees = new Map<string, Map<string, LocalItem>>();
  for (const [host, folder] of folders) trees.set(host, await filesOf(folder, source));
  const paths = new Set([...trees.values()].flatMap((files) => [...files.keys()]));
  const found: FetchedFile[] = [];
  for (const path of [...paths].sort()) {
    const results: HostFileResult[] = [];
    for (const [host, files] of trees) results.push(await resultOf(host, files.get(path)));
    found.push({ path, results });
  }
  return found;
}

/** What an earlier fetch of something else has left in the folder does not count. */
async function filesOf(folder: string, source: string): Promise<Map<string, LocalItem>> {
  const { sources } = await readLocalTree([`${folder}/`], '/');
  const name = /(^|\/)\.{0,2}\/*$/.test(source) ? '' : posix.basename(source);
  const isMeant = ({ kind, path }: LocalItem) =>
    kind === 'file' && (name === '' || path === name || path.startsWith(`${name}/`));
  const items = sources.flatMap((one) => one.items);
  // A folder that was written with a slash at its end has no name of its own here.
  const meant = items.some(isMeant) ? items.filter(isMeant) : items.filter(({ kind }) => kind === 'file');
  return new Map(meant.map((item) => [item.path, item]));
}

async function resultOf(host: string, item: LocalItem | undefined): Promise<HostFileResult> {
  if (!item) {
    const missing = new MusterError('EXPECTATION', l10n.t('There is no such file'), { host });
    return { host, failure: 'notFound', error: errorReport(missing) };
  }
  const { size, mtime, mode } = item;
  const info = { type: 'file' as const, isLink: false, size, mtime, mode };
  return { host, digest: await hashOfFile(item.file), info };
}
