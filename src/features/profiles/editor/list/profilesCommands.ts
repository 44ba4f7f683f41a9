// eslint-disable-next-line no-restricted-syntax -- a capture that Muster keeps
import { createReadStream } from 'node:fs';
import { runMuster } from '../../../../shell/editor/commands/musterCommands';
import { commands, ConfigurationTarget, env, l10n, Uri, window, workspace } from 'vscode';
import { printable } from '../../../../platform/text/printable';
import { writePrivateFile } from '../../../../platform/files/privateFile';
import { functionsMarkdown } from '../../core/analysis/functionsMarkdown';
import { weightText } from '../../core/model/weightText';
import { age } from '../../../../shell/editor/text/age';
import { showHeatSetting } from '../source/lineHeat';
import { openFrameSource } from '../source/openFrameSource';
import type { ProfileEntry } from './profileEntry';
import { entriesOf, labelOf, profileNodesOf, valueTypeOf } from './profileNodes';
import type { ProfilesView } from './profilesView';
import { askBefore } from '../../../../shell/editor/prompts/askBefore';
import { shownProfile } from './shownProfile';

/** Functions in a table for a ticket: more are not read. */
const copiedFunctions = 20;
const endings = [
  ...['pprof', 'gz', 'folded', 'collapsed', 'txt', 'json', 'cpuprofile', 'heapprofile', 'speedscope', 'pb'],
];

/** What is done with profiles and their functions. */
export class ProfilesCommands {
  constructor(private readonly profiles: ProfilesView) {}

  /** A file that is chosen, into the view. */
  readonly open = async (uri?: unknown): Promise<void> => {
    const chosen =
      uri instanceof Uri
        ? [uri]
        : await window.showOpenDialog({
            canSelectMany: true,
            title: l10n.t('Open Profiles'),
            filters: { [l10n.t('Profiles')]: endings, [l10n.t('All files')]: ['*'] },
            ...(workspace.workspaceFolders && { defaultUri: workspace.workspaceFolders[0]!.uri }),
          });
    for (const one of chosen ?? []) await this.profiles.list.open(one);
    if (chosen?.length) await commands.executeCommand('muster.profiles.focus');
  };

  readonly openFlameGraph = async (node?: unknown): Promise<void> => {
    const [row] = profileNodesOf(node);
    if (row?.kind === 'labelValue') {
      await runMuster('muster.revealFrame', row.entry.uri, undefined, row.label);
      return;
    }
    const uri = node instanceof Uri ? node : await this.fileOf(node);
    if (uri) await commands.executeCommand('vscode.openWith', uri, 'muster.flameGraph');
  };

  /** The profile of the row, the one that is open in front, or one of the list. */
  private async fileOf(node: unknown): Promise<Uri | undefined> {
    const [entry] = entriesOf(profileNodesOf(node));
    if (entry) return entry.uri;
    const shown = shownProfile();
    if (shown?.isSure || (shown && (await this.profiles.list.all()).length === 0)) return shown.uri;
    return (await this.entryOf(undefined, l10n.t('Open which profile?')))?.uri;
  }

  readonly openFunction = async (node?: unknown): Promise<boolean> => {
    const [row] = profileNodesOf(node);
    if (row?.kind !== 'function') return false;
    const { name, file, line } = row.function;
    return openFrameSource({ name, file, line }, row.entry.uri);
  };

  readonly revealInFlameGraph = async (node?: unknown): Promise<void> => {
    const [row] = profileNodesOf(node);
    if (row?.kind !== 'function') return;
    const { name, file } = row.function;
    const { valueType, label } = row.section;
    const found = await row.entry.ask('findFunction', { name, file, valueType });
    await runMuster('muster.revealFrame', row.entry.uri, found?.raw ?? { name, file }, label);
  };

  readonly compare = async (node?: unknown, selected?: unknown): Promise<void> => {
    const [first, ...others] = entriesOf(profileNodesOf(node, selected));
    const entry = first ?? (await this.entryOf(undefined, l10n.t('Compare which profile?')));
    if (entry)
      await runMuster(
        'muster.compareProfiles',
        entry.uri,
        others.map(({ uri }) => uri),
      );
  };

  readonly remove = async (node?: unknown, selected?: unknown): Promise<void> => {
    const entries = entriesOf(profileNodesOf(node, selected));
    const captures = entries.filter(({ capture }) => capture);
    const remove = l10n.t('Remove');
    const message =
      captures.length === 1
        ? l10n.t('Remove this capture from the disk?')
        : l10n.t('Remove {0} captures from the disk?', captures.length);
    const refusal = l10n.t("Don't Remove");
    if (captures.length > 0 && !(await askBefore(message, { refusal }, remove))) return;
    await this.profiles.list.remove(entries);
  };

  readonly saveAs = async (node?: unknown): Promise<void> => {
    const entry = await this.entryOf(node, l10n.t('Save which profile?'));
    if (!entry) return;
    const name = entry.uri.path.slice(entry.uri.path.lastIndexOf('/') + 1);
    const folder = workspace.workspaceFolders?.[0]?.uri ?? Uri.joinPath(entry.uri, '..');
    const target = await window.showSaveDialog({
      title: l10n.t('Save Profile'),
      defaultUri: Uri.joinPath(folder, name),
    });
    if (!target) return;
    if (target.scheme === 'file' && entry.uri.scheme === 'file')
      await writePrivateFile(target.fsPath, createReadStream(entry.uri.fsPath));
    else await workspace.fs.copy(entry.uri, target, { overwrite: true });
  };

  /** The hottest functions as a table, for a ticket or a pull request. */
  readonly copyMarkdown = async (node?: unknown): Promise<void> => {
    const [row] = profileNodesOf(node);
    const entry = await this.entryOf(node, l10n.t('Copy which profile?'));
    if (!entry) return;
    const { summary } = await entry.prepare();
    const active = this.profiles.list.active;
    const wanted = (row && valueTypeOf(row)) ?? (active?.entry === entry ? active.valueType : undefined);
    const valueType = wanted ?? summary.defaultValueType;
    const { mineOnly } = this.profiles.list;
    const { functions, ...weight } = await entry.ask('hotFunctions', {
      ...{ valueType, mineOnly, limit: copiedFunctions },
      label: row && labelOf(row),
    });
    await env.clipboard.writeText(functionsMarkdown(summary.valueTypes[valueType]!, weight, functions));
    void window.setStatusBarMessage(l10n.t('Copied.'), 3000);
  };

  /** What line heat and lenses are about. */
  readonly selectValueType = async (node?: unknown): Promise<void> => {
    const [row] = profileNodesOf(node);
    const entry = row ? entriesOf([row])[0] : (this.profiles.list.active?.entry ?? (await this.entryOf()));
    if (!entry) return;
    const chosen = row && valueTypeOf(row);
    if (chosen !== undefined) return this.profiles.list.activate(entry, chosen);
    const { summary } = await entry.prepare();
    if (row || summary.valueTypes.length === 1) return this.profiles.list.activate(entry);
    const items = summary.valueTypes.map(({ name, unit, total }, valueType) => ({
      ...{ label: printable(name), description: weightText(total, unit), valueType },
    }));
    const picked = await window.showQuickPick(items, {
      title: l10n.t('Show which values beside the sources?'),
    });
    if (picked) await this.profiles.list.activate(entry, picked.valueType);
  };

  /** The row of the function at the cursor, or of the given one. */
  readonly showInProfile = async (uri?: unknown, frame?: unknown): Promise<void> => {
    const given = frame as { name?: unknown; file?: unknown } | undefined;
    if (uri instanceof Uri && typeof given?.name === 'string') {
      await this.reveal(uri, given.name, typeof given.file === 'string' ? given.file : undefined);
      return;
    }
    const editor = window.activeTextEditor;
    if (!editor) return;
    if (!this.profiles.list.active) {
      const entry = await this.entryOf(undefined, l10n.t('Show in which profile?'));
      if (!entry) return;
      await this.profiles.list.activate(entry);
    }
    const { entry, valueType } = this.profiles.list.active!;
    const weight = await this.profiles.weights.of(editor.document);
    const at = editor.selection.active.line;
    // Of functions within each other the innermost begins last.
    const inside = (weight?.functions ?? []).filter(({ line, end }) => line <= at && at <= end);
    const found = inside.sort((a, b) => b.line - a.line)[0];
    if (found) return this.reveal(entry.uri, found.frame.name, found.frame.file);
    const { summary } = await entry.prepare();
    await window.showInformationMessage(
      l10n.t(
        'No function here has {0} in {1}.',
        printable(summary.valueTypes[valueType]!.name),
        printable(entry.uri.path.slice(entry.uri.path.lastIndexOf('/') + 1)),
      ),
    );
  };

  readonly toggleHeat = async (): Promise<void> => {
    await workspace
      .getConfiguration('muster')
      .update('profiles.showHeat', !showHeatSetting.get(), ConfigurationTarget.Global);
  };

  private async reveal(uri: Uri, name: string, file: string | undefined): Promise<void> {
    await commands.executeCommand('muster.profiles.focus');
    if (await this.profiles.reveal(uri, name, file)) return;
    await window.showInformationMessage(
      l10n.t('{0} is not among the functions of the profile that are listed.', printable(name)),
    );
  }

  private async entryOf(node?: unknown, title = l10n.t('Which profile?')): Promise<ProfileEntry | undefined> {
    const [entry] = entriesOf(profileNodesOf(node));
    if (entry) return entry;
    const entries = await this.profiles.list.all();
    if (entries.length === 0) {
      const open = l10n.t('Open Profile…');
      const choice = await window.showInformationMessage(l10n.t('There is no profile yet.'), open);
      if (choice === open) await this.open();
      return undefined;
    }
    if (entries.length === 1) return entries[0];
    const items = entries.map((one) => ({
      label: printable(one.capture?.service ?? one.uri.path.slice(one.uri.path.lastIndexOf('/') + 1)),
      description: one.capture
        ? `${printable(one.capture.hosts.join(', '), 80)} · ${age(Date.now() - one.capture.startedAt)}`
        : workspace.asRelativePath(one.uri),
      entry: one,
    }));
    return (await window.showQuickPick(items, { title, matchOnDescription: true }))?.entry;
  }
}
