import { type Uri, workspace } from 'vscode';
import { closestPaths, commonSegments, mappedPath } from '../../core/sources/pathMappings';
import { isLibraryPath, sourcePath } from '../../core/sources/sourcePath';
import { pathMappingSetting } from './pathMappingSetting';

/** Files that are looked at; a workspace with more is known in part. */
const mostFiles = 50_000;
const notSources = '**/{node_modules,.git,site-packages,.venv,venv,dist-packages}/**';

/** The paths of the workspace's files, by which files of profiles are told to be of the workspace. */
export interface WorkspacePaths {
  /** The files of the workspace that a file of a profile means: none, one, or several that are alike. */
  of(file: string): readonly string[];
}

/** As they are now: files come and go, and profiles are read seldom. */
export async function workspacePaths(): Promise<WorkspacePaths> {
  const byName = new Map<string, string[]>();
  for (const { path } of await workspace.findFiles('**/*', notSources, mostFiles)) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const paths = byName.get(name);
    if (paths) paths.push(path);
    else byName.set(name, [path]);
  }
  const folders = (workspace.workspaceFolders ?? []).map(({ uri }: { uri: Uri }) => uri.path);
  const mappings = pathMappingSetting.get();
  return {
    of: (file) => {
      const path = sourcePath({ name: '', file });
      if (path === undefined) return [];
      const candidates = byName.get(path.slice(path.lastIndexOf('/') + 1)) ?? [];
      const mapped = mappedPath(path, mappings) ?? path;
      const below = folders.find((folder) => mapped.startsWith(`${folder}/`));
      if (below !== undefined) return isLibraryPath(mapped.slice(below.length)) ? [] : [mapped];
      if (isLibraryPath(path)) return [];
      return closestPaths(path, candidates).filter((candidate) => isAlike(path, candidate, folders));
    },
  };
}

/** A name alone is too little, unless the file is at the top of a folder. */
function isAlike(path: string, candidate: string, folders: readonly string[]): boolean {
  const common = commonSegments(path, candidate);
  const folder = folders.find((one) => candidate.startsWith(`${one}/`)) ?? '';
  const depth = candidate.slice(folder.length + 1).split('/').length;
  return common >= 2 || common >= Math.min(depth, path.split('/').filter(Boolean).length);
}
