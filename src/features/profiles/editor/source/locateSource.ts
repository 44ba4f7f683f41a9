import { posix } from 'node:path';
import { FileType, Uri, workspace } from 'vscode';
import { closestPaths, mappedPath } from '../../core/sources/pathMappings';
import { workspaceBounds } from '../../../../shell/editor/fleets/restrictedFiles';
import { pathMappingSetting } from './pathMappingSetting';

/** Files of one name that are looked at in a workspace. */
const mostOfOneName = 500;

/**
 * The files that a path of a profile can mean, by the first of these that is there: what is mapped, the path itself,
 * a path relative to a folder of the workspace or to the profile, and the files of the workspace that end most like it.
 */
export async function locateSource(path: string, profileUri?: Uri): Promise<Uri[]> {
  const mapped = mappedPath(path, pathMappingSetting.get());
  const bounds = workspace.isTrusted ? undefined : workspaceBounds();
  for (const uri of [...(mapped === undefined ? [] : [Uri.file(mapped)]), ...exact(path, profileUri)])
    // In Restricted Mode a profile, which may be of the workspace, leads to files of the workspace only.
    if ((!bounds || uri.scheme !== 'file' || (await bounds.has(uri.fsPath))) && (await isFile(uri)))
      return [uri];
  const name = posix.basename(path);
  const found = await workspace.findFiles(`**/${escapeGlob(name)}`, '**/node_modules/**', mostOfOneName);
  const byPath = new Map(found.map((uri) => [uri.path, uri]));
  return closestPaths(path, [...byPath.keys()]).map((one) => byPath.get(one)!);
}

function exact(path: string, profileUri: Uri | undefined): Uri[] {
  // Whoever made the profile does not make this machine talk to another.
  if (path.startsWith('//')) return [];
  if (/^\/|^[A-Za-z]:\//.test(path)) return [Uri.file(path), ...installed(path)];
  const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  const beside = profileUri ? [Uri.joinPath(profileUri, '..')] : [];
  const relative = [...folders, ...beside].map((folder) => Uri.joinPath(folder, path));
  return [...relative, ...installed(path)];
}

/** Go's own sources and those of its modules, where they are installed on this machine. */
function installed(path: string): Uri[] {
  const { GOROOT, GOPATH, GOMODCACHE, HOME } = process.env;
  const module = /(?:^|\/go\/pkg\/mod\/)((?:[^/]+\/)*[^/]+@v\d[^/]*\/.+)$/.exec(path)?.[1];
  const caches = [
    GOMODCACHE,
    ...(GOPATH ? [`${GOPATH}/pkg/mod`] : []),
    ...(HOME ? [`${HOME}/go/pkg/mod`] : []),
  ];
  const own = /^(?:.*\/go[^/]*\/src\/)?((?:[\w-]+\/)+[\w-]+\.(?:go|s))$/.exec(path)?.[1];
  const roots = [GOROOT, '/usr/local/go', '/usr/lib/go', 'C:/Program Files/Go'];
  const below = (folders: (string | undefined)[], rest: string | undefined, infix: string) =>
    rest === undefined
      ? []
      : folders.flatMap((folder) => (folder ? [Uri.file(`${folder}${infix}/${rest}`)] : []));
  return [...below(caches, module, ''), ...below(roots, own, '/src')];
}

async function isFile(uri: Uri): Promise<boolean> {
  try {
    return ((await workspace.fs.stat(uri)).type & FileType.File) !== 0;
  } catch {
    return false;
  }
}

const escapeGlob = (name: string) => name.replace(/[[\]{}*?!]/g, '[$&]');
