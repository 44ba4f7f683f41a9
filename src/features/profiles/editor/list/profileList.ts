import { stat } from 'node:fs/promises';
import { type Disposable, EventEmitter, type Memento, TabInputCustom, Uri, window } from 'vscode';
import { Disposables } from '../../../../shell/editor/disposables';
import type { CaptureStore } from '../capture/captureStore';
import type { OpenProfiles } from '../openProfiles';
import { ProfileEntry } from './profileEntry';
import { isFlameGraph } from './shownProfile';

const openedKey = 'profiles.opened';
const mostOpened = 20;
/** Profiles that stay in memory; those that were not used for longest go first. */
const mostRead = 4;

/** The profile, and what it measures, that the editor shows beside the sources. */
export interface ActiveProfile {
  entry: ProfileEntry;
  valueType: number;
}

/** The captures of the workspace, and the files that were opened as flame graphs. */
export class ProfileList implements Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<ProfileEntry | undefined>());
  /** One profile, or with undefined the list. */
  readonly onDidChange = this.changed.event;
  private readonly activated = this.owned.add(new EventEmitter<void>());
  readonly onDidActivate = this.activated.event;
  private readonly entries = new Map<string, ProfileEntry>();
  private current: ActiveProfile | undefined;
  private onlyMine = false;

  constructor(
    private readonly profiles: OpenProfiles,
    private readonly store: CaptureStore,
    private readonly memento: Memento,
  ) {
    this.owned.add(store.onDidChange(() => this.changed.fire(undefined)));
    this.owned.add(window.tabGroups.onDidChangeTabs(() => this.noteOpened()));
    this.noteOpened();
  }

  get active(): ActiveProfile | undefined {
    return this.current;
  }

  get mineOnly(): boolean {
    return this.onlyMine;
  }

  set mineOnly(mineOnly: boolean) {
    this.onlyMine = mineOnly;
    this.changed.fire(undefined);
  }

  /** Captures newest first, then files as they were opened last. */
  async all(): Promise<readonly ProfileEntry[]> {
    const captures = (await this.store.all()).map((capture) => {
      const uri = Uri.file(this.store.pathOf(capture));
      return this.entryOf(uri, () => new ProfileEntry(uri, this.profiles, capture));
    });
    const captured = new Set(captures.map(({ key }) => key));
    const files = this.openedUris.filter((uri) => !captured.has(uri.toString()));
    const there = await Promise.all(
      files.map(async (uri) => ({ uri, is: uri.scheme !== 'file' || (await isThere(uri.fsPath)) })),
    );
    const opened = there
      .filter(({ is }) => is)
      .map(({ uri }) => this.entryOf(uri, () => new ProfileEntry(uri, this.profiles)));
    return [...captures, ...opened];
  }

  async find(uri: Uri): Promise<ProfileEntry | undefined> {
    return (await this.all()).find(({ key }) => key === uri.toString());
  }

  /** Adds a file, and makes it the one that the editor shows. */
  async open(uri: Uri): Promise<ProfileEntry> {
    this.note([uri]);
    const entry = (await this.find(uri)) ?? this.entryOf(uri, () => new ProfileEntry(uri, this.profiles));
    await this.activate(entry);
    return entry;
  }

  /** @throws MusterError FORMAT, TOO_LARGE */
  async activate(entry: ProfileEntry, valueType?: number): Promise<void> {
    const { summary } = await entry.prepare();
    const kept = this.current?.entry === entry ? this.current.valueType : summary.defaultValueType;
    const next = { entry, valueType: valueType ?? kept };
    if (this.current?.entry === entry && this.current.valueType === next.valueType) return;
    const before = this.current?.entry;
    this.current = next;
    this.letGo();
    this.activated.fire();
    for (const changed of new Set([before, entry])) if (changed) this.changed.fire(changed);
  }

  /** Captures are removed from the disk; files are only taken off the list. */
  async remove(entries: readonly ProfileEntry[]): Promise<void> {
    const keys = new Set(entries.map(({ key }) => key));
    if (this.current && keys.has(this.current.entry.key)) {
      this.current = undefined;
      this.activated.fire();
    }
    await this.memento.update(
      openedKey,
      this.openedUris.map(String).filter((key) => !keys.has(key)),
    );
    for (const entry of entries) {
      this.entries.delete(entry.key);
      entry.dispose();
    }
    await this.store.remove(...entries.flatMap(({ capture }) => capture ?? []));
    this.changed.fire(undefined);
  }

  dispose(): void {
    for (const entry of this.entries.values()) entry.dispose();
    this.owned.dispose();
  }

  private get openedUris(): Uri[] {
    return this.memento.get<string[]>(openedKey, []).map((text) => Uri.parse(text));
  }

  private entryOf(uri: Uri, make: () => ProfileEntry): ProfileEntry {
    const known = this.entries.get(uri.toString());
    if (known) return known;
    const entry = make();
    this.entries.set(entry.key, entry);
    entry.onDidChange(() => {
      this.changed.fire(entry);
      if (this.current?.entry === entry) this.activated.fire();
    });
    return entry;
  }

  /** Files that are open as flame graphs stay in the list when they are closed. */
  private noteOpened(): void {
    const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
    const uris = tabs.flatMap(({ input }) => (isFlameGraph(input) ? [input.uri] : []));
    if (uris.length > 0) this.note(uris);
    const shown = window.tabGroups.activeTabGroup.activeTab?.input;
    if (!this.current && uris.length > 0 && shown instanceof TabInputCustom && uris.includes(shown.uri))
      void this.open(shown.uri).catch(() => {});
  }

  private note(uris: readonly Uri[]): void {
    const known = this.openedUris.map(String);
    const added = uris.map(String).filter((key) => !known.includes(key));
    if (added.length === 0) return;
    void this.memento.update(openedKey, [...new Set([...added, ...known])].slice(0, mostOpened));
    this.changed.fire(undefined);
  }

  private letGo(): void {
    const open = [...this.entries.values()]
      .filter((entry) => entry.isOpen && entry !== this.current?.entry)
      .sort((a, b) => b.usedAt - a.usedAt);
    for (const entry of open.slice(mostRead - 1)) entry.release();
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
