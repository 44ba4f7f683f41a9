import { l10n, type QuickPickItem, QuickPickItemKind, ThemeIcon } from 'vscode';
import { errorReport } from '../../../platform/errors/errors';
import type { Host } from '../../../platform/inventory/model';
import { printable } from '../../../platform/text/printable';
import {
  childPath,
  listFolder,
  type FolderContent,
  type FolderEntry,
  statFile,
} from '../../../platform/transport/files/readFiles';
import { back, quickPickStep } from '../../../shell/editor/commands/quickPickStep';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { HostFiles } from './hostFiles';
import { sizeText } from '../../../shell/editor/text/sizeText';
import { matchEntries, readTypedPath } from './typedPath';

interface PathItem extends QuickPickItem {
  /** Where it leads; none for what only tells something. */
  path?: string;
  isFolder?: boolean;
}

/** Rows shown of one folder: more of a name leads to the rest. */
const maxShown = 500;
const shownRecent = 8;
const typingMs = 120;

/**
 * Walks the folders of a host while a path is typed, as VS Code's own file dialog does. Folders are read once, and a
 * slow host holds nothing up. Resolves to the path of a file.
 */
export async function browseHost(
  files: HostFiles,
  place: { fleet: Fleet; host: Host },
  recent: readonly string[],
  from?: string,
): Promise<string | undefined> {
  const title = l10n.t('Open File on {0}', place.host.name);
  const path = await quickPickStep<PathItem, string>(title, undefined, ({ picker, answer }) => {
    const folders = new Map<string, Promise<FolderContent>>();
    const hiddenButtons = {
      show: { iconPath: new ThemeIcon('eye'), tooltip: l10n.t('Show Hidden Files') },
      hide: { iconPath: new ThemeIcon('eye-closed'), tooltip: l10n.t('Do Not Show Hidden Files') },
    };
    let withHidden = false;
    let home: string | undefined;
    let turn = 0;
    /** What the items on screen were made for. */
    let shownFor: string | undefined;
    let timer: NodeJS.Timeout | undefined;

    const list = (folder: string) => {
      let listing = folders.get(folder);
      if (!listing) {
        listing = files.use(place, (sftp) => listFolder(sftp, folder, files.waiter));
        folders.set(folder, listing);
        // What failed is tried again when it is asked for again.
        listing.catch(() => folders.delete(folder));
      }
      return listing;
    };

    const show = async () => {
      const own = ++turn;
      const isCurrent = () => own === turn;
      picker.busy = true;
      try {
        home ??= await files.use(place, (sftp) => sftp.realpath('.', files.waiter));
        if (!isCurrent()) return;
        if (picker.value === '') picker.value = `${(from ?? home).replace(/\/$/, '')}/`;
        const { folder, prefix } = readTypedPath(picker.value, home);
        const listing = await list(folder);
        if (isCurrent())
          picker.items = itemsOf(folder, prefix, listing, { withHidden, recent: atStart() ? recent : [] });
      } catch (error) {
        if (isCurrent()) picker.items = [...failureItems(error, picker.value, home), ...recentItems(recent)];
      } finally {
        if (isCurrent()) {
          shownFor = picker.value;
          picker.busy = false;
        }
      }
    };
    const atStart = () => picker.value === `${(from ?? home ?? '').replace(/\/$/, '')}/`;
    const enter = (folder: string) => {
      picker.value = folder.endsWith('/') ? folder : `${folder}/`;
      void show();
    };
    /** What was typed may be faster than the list. */
    const accept = async () => {
      const item = picker.value === shownFor ? picker.activeItems[0] : undefined;
      if (item?.path !== undefined && item.isFolder !== undefined)
        return item.isFolder ? enter(item.path) : answer(item.path);
      const target = item?.path ?? typedPath(picker.value, home);
      if (target === undefined) return void show();
      try {
        picker.busy = true;
        const info = await files.use(place, (sftp) => statFile(sftp, target, files.waiter));
        if (info.type === 'folder') enter(target);
        else answer(target);
      } catch (error) {
        picker.items = [...failureItems(error, picker.value, home), ...recentItems(recent)];
      } finally {
        picker.busy = false;
      }
    };

    picker.placeholder = l10n.t(
      'Path on {0}: type a name, or choose a folder to go into it',
      place.host.name,
    );
    picker.buttons = [hiddenButtons.show];
    picker.onDidTriggerButton(() => {
      withHidden = !withHidden;
      picker.buttons = [withHidden ? hiddenButtons.hide : hiddenButtons.show];
      void show();
    });
    picker.onDidChangeValue(() => {
      clearTimeout(timer);
      turn++;
      timer = setTimeout(() => void show(), typingMs);
    });
    picker.onDidHide(() => {
      clearTimeout(timer);
      turn++;
    });
    picker.onDidAccept(() => void accept());
    void show();
  });
  return path === back ? undefined : path;
}

function itemsOf(
  folder: string,
  prefix: string,
  { entries, isCut }: FolderContent,
  { withHidden, recent }: { withHidden: boolean; recent: readonly string[] },
): PathItem[] {
  const matching = matchEntries(entries, prefix, withHidden);
  const shown = matching.slice(0, maxShown);
  const parent = folder.replace(/[^/]*\/$/, '') || '/';
  const up: PathItem[] =
    prefix === '' && folder !== '/'
      ? [{ label: '$(arrow-up) ..', description: parent, path: parent, isFolder: true, alwaysShow: true }]
      : [];
  const isMore = isCut || matching.length > shown.length;
  const more: PathItem[] = isMore
    ? [{ label: `$(ellipsis) ${l10n.t('There are more: type on')}`, alwaysShow: true }]
    : [];
  const none: PathItem[] =
    matching.length === 0
      ? [
          {
            label: `$(info) ${l10n.t('Nothing here begins with “{0}”', printable(prefix))}`,
            alwaysShow: true,
          },
        ]
      : [];
  const empty: PathItem[] = [{ label: `$(info) ${l10n.t('The folder is empty')}`, alwaysShow: true }];
  const rows = shown.map((entry) => entryItem(folder, entry));
  return [
    ...recentItems(recent),
    ...(recent.length > 0 ? [{ label: folder, kind: QuickPickItemKind.Separator }] : []),
    ...up,
    ...rows,
    ...more,
    ...(prefix === '' && matching.length === 0 ? empty : none),
  ];
}

function entryItem(folder: string, entry: FolderEntry): PathItem {
  const isFolder = entry.type === 'folder';
  const icon = isFolder
    ? 'folder'
    : entry.isLink
      ? 'file-symlink-file'
      : entry.type === 'file'
        ? 'file'
        : 'circuit-board';
  const mode = entry.mode.toString(8).padStart(3, '0');
  return {
    label: `$(${icon}) ${printable(entry.name, 200)}`,
    description: entry.type === 'file' ? `${sizeText(entry.size)} · ${mode}` : mode,
    path: childPath(folder, entry.name),
    isFolder,
    alwaysShow: true,
  };
}

function recentItems(recent: readonly string[]): PathItem[] {
  if (recent.length === 0) return [];
  return [
    { label: l10n.t('Recent Paths'), kind: QuickPickItemKind.Separator },
    ...recent.slice(0, shownRecent).map((path) => ({
      label: `$(history) ${printable(path, 200)}`,
      path,
      alwaysShow: true,
    })),
  ];
}

/** Why a folder cannot be shown, and the way around that a person who knows the path has. */
function failureItems(error: unknown, typed: string, home: string | undefined): PathItem[] {
  const { message, hint } = errorReport(error);
  const path = typedPath(typed, home);
  return [
    { label: `$(error) ${printable(message, 300)}`, detail: hint, alwaysShow: true },
    ...(path === undefined || path.endsWith('/')
      ? []
      : [{ label: `$(go-to-file) ${l10n.t('Open {0}', printable(path, 200))}`, path, alwaysShow: true }]),
  ];
}

function typedPath(typed: string, home: string | undefined): string | undefined {
  if (home === undefined || typed.trim() === '') return undefined;
  const { folder, prefix } = readTypedPath(typed, home);
  return prefix === '' ? folder : childPath(folder, prefix);
}
