import { type Disposable, l10n, StatusBarAlignment, type TextEditor, window } from 'vscode';
import { printable } from '../../../platform/text/printable';
import { Disposables } from '../../../shell/editor/disposables';
import { readHostFileUri } from './hostFileUri';
import { readOnlyReason } from './writePolicy';

/** Says in the status bar on which host the file in front is: the tabs of one file on many hosts look alike. */
export class HostFileStatus implements Disposable {
  private readonly owned = new Disposables();
  private readonly item = this.owned.add(
    window.createStatusBarItem('muster.hostFile', StatusBarAlignment.Left, 1),
  );

  constructor() {
    this.item.name = l10n.t('Muster: host of the file');
    this.item.command = 'muster.compareOnHosts';
    this.owned.add(window.onDidChangeActiveTextEditor((editor) => this.show(editor)));
    this.show(window.activeTextEditor);
  }

  show(editor: TextEditor | undefined): void {
    const file = editor && readHostFileUri(editor.document.uri);
    if (!file) return this.item.hide();
    const host = printable(file.host, 40);
    const text = l10n.t('{0} on {1}: compare it with other hosts', printable(file.path, 200), host);
    this.item.text = `$(${readOnlyReason() ? 'lock' : 'server-environment'}) ${host}`;
    this.item.tooltip = text;
    this.item.accessibilityInformation = { label: text, role: 'button' };
    this.item.show();
  }

  dispose(): void {
    this.owned.dispose();
  }
}
