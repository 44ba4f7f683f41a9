import { ConfigurationTarget, Uri, workspace } from 'vscode';
import type { PathMapping } from '../../core/sources/pathMappings';
import { defineSetting } from '../../../../shell/editor/settings';

/** Prefixes of paths in profiles by the folders of this machine that they stand for. */
export const pathMappingSetting = defineSetting('profiles.pathMappings', (value) =>
  Object.entries(typeof value === 'object' && value !== null ? value : {})
    .filter((entry): entry is [string, string] => entry[0] !== '' && typeof entry[1] === 'string')
    .map(([from, to]): PathMapping => ({ from: from.replaceAll('\\', '/'), to: absolute(to) })),
);

/** Keeps a mapping with the workspace, or with the user where there is none. */
export async function rememberMapping({ from, to }: PathMapping): Promise<void> {
  const target = workspace.workspaceFolders ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  const section = workspace.getConfiguration('muster');
  const known = section.inspect<Record<string, string>>('profiles.pathMappings');
  const mappings = workspace.workspaceFolders ? known?.workspaceValue : known?.globalValue;
  await section.update('profiles.pathMappings', { ...mappings, [from]: written(to) }, target);
}

const variable = '${workspaceFolder}';

/** `${workspaceFolder}` is the first folder; relative paths are below it. */
function absolute(path: string): string {
  const root = workspace.workspaceFolders?.[0]?.uri.path ?? '';
  const plain = path.replaceAll('\\', '/').replace(variable, root);
  return /^\/|^[A-Za-z]:\//.test(plain) ? Uri.file(plain).path : `${root}/${plain}`.replace(/\/\.?$/, '');
}

/** As others who work on the project can use it, too. */
function written(path: string): string {
  const root = workspace.workspaceFolders?.[0]?.uri.path;
  const isBelow = root !== undefined && (path === root || path.startsWith(`${root}/`));
  return isBelow ? variable + path.slice(root.length) : path;
}
