import { type Disposable, FileSystemError, l10n, TextDocumentSaveReason, type Uri, workspace } from 'vscode';
import { Disposables } from '../disposables';

/**
 * Which saves of a scheme's documents a person asked for. VS Code calls `writeFile` for Auto Save as well, one second
 * after a key was typed in a browser, and other extensions call it without any save: neither may overwrite what a fleet
 * runs on. What is refused stays in its document, unsaved; VS Code reports it once and then leaves it to the next save.
 */
export class ExplicitSaves implements Disposable {
  private readonly owned = new Disposables();
  /** By URI: why the save began whose write is still to come. */
  private readonly reasons = new Map<string, TextDocumentSaveReason>();

  constructor(private readonly scheme: string) {
    this.owned.add(
      workspace.onWillSaveTextDocument(({ document, reason }) => this.begin(document.uri, reason)),
    );
    this.owned.add(
      workspace.onWillSaveNotebookDocument(({ notebook, reason }) => this.begin(notebook.uri, reason)),
    );
    this.owned.add(workspace.onDidCloseTextDocument(({ uri }) => this.reasons.delete(uri.toString())));
    this.owned.add(workspace.onDidCloseNotebookDocument(({ uri }) => this.reasons.delete(uri.toString())));
  }

  /** Whether the save of this document that is under way was asked for. */
  isExplicit(uri: Uri): boolean {
    return this.reasons.get(uri.toString()) === TextDocumentSaveReason.Manual;
  }

  /**
   * Lets one write pass that an explicit save leads to, or that makes something new without a document, as the
   * explorer does: there is nothing that it could destroy. Resolves to whether it may overwrite something.
   * @throws FileSystemError NoPermissions
   */
  async permit(uri: Uri, exists: () => boolean | Promise<boolean>): Promise<boolean> {
    const id = uri.toString();
    const reason = this.reasons.get(id);
    this.reasons.delete(id);
    if (reason === TextDocumentSaveReason.Manual) return true;
    if (reason !== undefined)
      throw FileSystemError.NoPermissions(
        l10n.t(
          'Not saved yet: Muster writes to hosts and etcd when you save (Ctrl+S), never by Auto Save. The setting files.autoSaveWorkspaceFilesOnly keeps Auto Save from trying.',
        ),
      );
    const isUnsaved = workspace.textDocuments.some(
      (document) => document.isDirty && document.uri.toString() === id,
    );
    if (isUnsaved || (await exists()))
      throw FileSystemError.NoPermissions(
        l10n.t(
          'Nothing was written: Muster overwrites files on hosts and keys of etcd only when you save their document (Ctrl+S).',
        ),
      );
    return false;
  }

  dispose(): void {
    this.owned.dispose();
  }

  private begin(uri: Uri, reason: TextDocumentSaveReason): void {
    if (uri.scheme === this.scheme) this.reasons.set(uri.toString(), reason);
  }
}
