import {
  Disposable,
  EventEmitter,
  type FileChangeEvent,
  type TextEditor,
  type Uri,
  window,
  workspace,
} from 'vscode';
import { Disposables } from '../../../shell/editor/disposables';
import { ExplicitSaves } from '../../../shell/editor/documents/explicitSaves';
import { lazyFileSystem } from '../../../shell/editor/documents/lazyFileSystem';
import { unattended } from '../../../shell/editor/prompts/unattended';
import type { Ports } from '../../../shell/editor/services';
import { HostFileStatus } from './hostFileStatus';
import { hostFileScheme } from './hostFileUri';
import type { HostFilesParts } from './hostFilesParts';
import { filesWriteSetting, readOnlyReason } from './writePolicy';

/** Milliseconds between two looks at whether an open file was changed on its host. */
const refreshMs = 3_000;

/** Files on hosts: `muster-ssh:` documents, browsing and comparing. What they are made of is loaded with the first. */
export function hostFilesFeature(
  services: Ports<'registry' | 'context' | 'fleets' | 'batches' | 'logger'>,
): Disposables {
  const owned = new Disposables();
  const changes = owned.add(new EventEmitter<FileChangeEvent[]>());
  const saves = owned.add(new ExplicitSaves(hostFileScheme));
  let loading: Promise<HostFilesParts> | undefined;
  const parts = () =>
    (loading ??= import('./hostFilesParts').then(({ hostFilesParts }) => {
      const made = owned.add(hostFilesParts(services, saves));
      owned.add(made.system.onDidChangeFile((events) => changes.fire(events)));
      return made;
    }));

  const provider = lazyFileSystem(async () => (await parts()).system, changes.event);

  const status = owned.add(new HostFileStatus());
  let registered: Disposable | undefined;
  const register = () => {
    registered?.dispose();
    registered = workspace.registerFileSystemProvider(hostFileScheme, provider, {
      isCaseSensitive: true,
      isReadonly: readOnlyReason(),
    });
    status.show(window.activeTextEditor);
  };
  register();
  owned.add(new Disposable(() => void registered?.dispose()));
  owned.add(filesWriteSetting.onDidChange(register));
  owned.add(workspace.onDidGrantWorkspaceTrust(register));

  const lookedAt = new Map<string, number>();
  const look = (editor: TextEditor | undefined) => {
    const uri: Uri | undefined = editor?.document.uri;
    if (uri?.scheme !== hostFileScheme || !loading || !workspace.isTrusted) return;
    const key = uri.toString();
    if (Date.now() - (lookedAt.get(key) ?? 0) < refreshMs) return;
    lookedAt.set(key, Date.now());
    // Whoever only looks at a document is asked for no passphrase.
    void unattended(async (): Promise<void> => (await parts()).system.refresh(uri));
  };
  owned.add(window.onDidChangeActiveTextEditor(look));
  owned.add(window.onDidChangeWindowState(({ focused }) => focused && look(window.activeTextEditor)));
  owned.add(workspace.onDidCloseTextDocument(({ uri }) => lookedAt.delete(uri.toString())));

  const { registry } = services;
  registry.register({
    'muster.openHostFile': async (what, selected) => (await parts()).openHostFile(what, selected),
    'muster.compareOnHosts': async (what, selected) => (await parts()).compareOnHosts(what, selected),
  });
  return owned;
}
