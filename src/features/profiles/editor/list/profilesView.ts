import { type Disposable, type ExtensionContext, l10n, type TreeView, type Uri, window } from 'vscode';
import type { Logger } from '../../../../platform/host/host';
import { Disposables } from '../../../../shell/editor/disposables';
import type { CaptureStore } from '../capture/captureStore';
import { captureStoreOf } from '../capture/captureStoreOf';
import { DocumentWeights } from '../source/documentWeights';
import { offerFunctionLenses } from '../source/functionLenses';
import { LineHeat } from '../source/lineHeat';
import type { OpenProfiles } from '../openProfiles';
import { ProfileList } from './profileList';
import type { ProfilesNode } from './profileNodes';
import { ProfilesTree } from './profilesTree';
import { setContext } from '../../../../shell/editor/setContext';
import { profilesContext } from '../contextKeys';

/** The Profiles view, and what the editor shows of the profile that is active in it. */
export class ProfilesView implements Disposable {
  private readonly owned = new Disposables();
  readonly captures: CaptureStore;
  readonly list: ProfileList;
  readonly tree: ProfilesTree;
  readonly weights: DocumentWeights;
  readonly heat: LineHeat;
  private readonly view: TreeView<ProfilesNode>;

  constructor(context: ExtensionContext, logger: Logger, profiles: OpenProfiles) {
    this.captures = captureStoreOf({ context, logger });
    this.list = this.owned.add(new ProfileList(profiles, this.captures, context.workspaceState));
    this.tree = this.owned.add(new ProfilesTree(this.list));
    this.weights = this.owned.add(new DocumentWeights(this.list));
    this.heat = this.owned.add(new LineHeat(this.weights));
    this.owned.add(offerFunctionLenses(this.weights));
    this.view = this.owned.add(
      window.createTreeView('muster.profiles', {
        treeDataProvider: this.tree,
        canSelectMany: true,
        showCollapseAll: true,
      }),
    );
    this.owned.add(this.list.onDidActivate(() => this.update()));
    this.update();
  }

  get message(): string | undefined {
    return this.view.message;
  }

  get selection(): readonly ProfilesNode[] {
    return this.view.selection;
  }

  setMineOnly(mineOnly: boolean): void {
    this.list.mineOnly = mineOnly;
    this.update();
  }

  /** Selects the row of a function among the hot ones; false if it has none. */
  async reveal(uri: Uri, name: string, file: string | undefined): Promise<boolean> {
    const entry = await this.list.open(uri);
    const valueType = this.list.active!.valueType;
    const find = () => this.tree.find(entry, valueType, name, file);
    let node = await find();
    if (!node && this.list.mineOnly) {
      this.setMineOnly(false);
      node = await find();
    }
    if (!node) return false;
    await this.view.reveal(node, { select: true, focus: true, expand: false });
    return true;
  }

  dispose(): void {
    this.owned.dispose();
  }

  private update(): void {
    const { mineOnly, active } = this.list;
    this.view.message = mineOnly
      ? l10n.t('Only functions of this workspace; weights are those of the whole profile.')
      : undefined;
    void setContext(profilesContext.profilesMineOnly, mineOnly);
    void setContext(profilesContext.hasActiveProfile, active !== undefined);
  }
}

declare module '../../../../shell/editor/services' {
  interface Services {
    readonly profilesView: ProfilesView;
  }
}
