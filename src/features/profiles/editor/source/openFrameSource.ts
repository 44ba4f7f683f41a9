import { commands, l10n, Range, type Uri, ViewColumn, window, workspace } from 'vscode';
import { printable } from '../../../../platform/text/printable';
import { mappingBetween } from '../../core/sources/pathMappings';
import { type SourceFrame, sourcePath } from '../../core/sources/sourcePath';
import { findFunction } from '../flameGraph/findFunction';
import { locateSource } from './locateSource';
import { rememberMapping } from './pathMappingSetting';

export interface OpenSourceOptions {
  /** In another group of editors. */
  beside?: boolean;
  preserveFocus?: boolean;
}

/**
 * Opens the source of a frame at its line. Where there are several that it can mean, one is picked; where there is none,
 * that is said with what to do. Resolves with whether a source was opened.
 */
export async function openFrameSource(
  frame: SourceFrame,
  profileUri: Uri | undefined,
  options: OpenSourceOptions = {},
): Promise<boolean> {
  const path = sourcePath(frame);
  if (path === undefined) return openByName(frame, options);
  const [first, ...others] = await locateSource(path, profileUri);
  if (!first) return notFound(frame, path, options);
  const uri = others.length === 0 ? first : await pick(path, [first, ...others]);
  if (!uri) return false;
  await show(uri, frame, options);
  return true;
}

async function show(uri: Uri, frame: SourceFrame, options: OpenSourceOptions): Promise<void> {
  const { line, column } = frame.line === undefined ? await findFunction(uri, frame.name) : frame;
  const at = [Math.max(0, (line ?? 1) - 1), Math.max(0, (column ?? 1) - 1)] as const;
  await window.showTextDocument(uri, {
    selection: new Range(...at, ...at),
    preserveFocus: options.preserveFocus ?? false,
    ...(options.beside && { viewColumn: ViewColumn.Beside }),
  });
}

async function pick(path: string, uris: readonly Uri[]): Promise<Uri | undefined> {
  const items = uris.map((uri) => ({ label: workspace.asRelativePath(uri), uri }));
  const title = l10n.t('Which file is {0}?', printable(path));
  return (await window.showQuickPick(items, { title }))?.uri;
}

/** Programs and libraries have no path of a source: a language extension may know the function. */
async function openByName(frame: SourceFrame, options: OpenSourceOptions): Promise<boolean> {
  const { findSymbol } = await import('./findSymbol');
  const found = await findSymbol(frame.name);
  if (found) {
    await show(found.uri, { ...frame, line: found.line, column: undefined }, options);
    return true;
  }
  if (found === undefined)
    void window.showInformationMessage(
      l10n.t(
        'The profile does not say in which file {0} is. Build with debug information, and capture again.',
        printable(frame.name),
      ),
    );
  return false;
}

async function notFound(frame: SourceFrame, path: string, options: OpenSourceOptions): Promise<boolean> {
  const choose = l10n.t('Choose File…');
  const mappings = l10n.t('Path Mappings');
  const choice = await window.showWarningMessage(
    l10n.t(
      '{0} is not on this machine. Choose its file, or say in muster.profiles.pathMappings where its folder is.',
      printable(path, 300),
    ),
    choose,
    mappings,
  );
  if (choice === mappings)
    await commands.executeCommand('workbench.action.openSettings', 'muster.profiles.pathMappings');
  if (choice !== choose) return false;
  const [uri] =
    (await window.showOpenDialog({
      title: l10n.t('Which file is {0}?', printable(path)),
      ...(workspace.workspaceFolders && { defaultUri: workspace.workspaceFolders[0]!.uri }),
    })) ?? [];
  if (!uri) return false;
  await show(uri, frame, options);
  void offerToRemember(path, uri);
  return true;
}

async function offerToRemember(path: string, uri: Uri): Promise<void> {
  const mapping = mappingBetween(path, uri.path);
  if (!mapping) return;
  const remember = l10n.t('Remember');
  const choice = await window.showInformationMessage(
    l10n.t('Look for all of {0} in {1} from now on?', printable(mapping.from), mapping.to),
    remember,
  );
  if (choice === remember) await rememberMapping(mapping);
}
