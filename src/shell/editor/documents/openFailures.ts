import { l10n, type Uri, window } from 'vscode';
import { runMuster } from '../commands/musterCommands';

/** Milliseconds in which one opening asks for a document several times. */
const oneOpeningMs = 5_000;

/**
 * Says why a document cannot be opened. VS Code itself shows only that an unexpected error came up, whatever the reason
 * that it was given.
 */
export class OpenFailures {
  /** When the failure of each URI was last shown. */
  private readonly shownAt = new Map<string, number>();

  /** Nothing is shown for what is not in a tab: other extensions look for files that nobody opens. */
  show(uri: Uri, reason: string): void {
    const id = uri.toString();
    const now = Date.now();
    for (const [other, at] of this.shownAt) if (now - at > oneOpeningMs) this.shownAt.delete(other);
    if (this.shownAt.has(id) || !isInTab(id)) return;
    this.shownAt.set(id, now);
    const showLog = l10n.t('Show Log');
    void window
      .showErrorMessage(reason, showLog)
      .then((choice) => (choice === showLog ? runMuster('muster.showLog') : undefined));
  }
}

function isInTab(id: string): boolean {
  return window.tabGroups.all.some(({ tabs }) =>
    tabs.some(({ input }) => {
      const { uri } = (input ?? {}) as { uri?: Uri };
      return uri?.toString() === id;
    }),
  );
}
