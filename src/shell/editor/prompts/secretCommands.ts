import { l10n, window } from 'vscode';
import type { CredentialPrompts } from './credentialPrompts';

export async function forgetSecrets(credentials: CredentialPrompts): Promise<void> {
  const count = await credentials.forgetAll();
  const message =
    count === 1 ? l10n.t('1 secret was forgotten.') : l10n.t('{0} secrets were forgotten.', count);
  void window.showInformationMessage(count === 0 ? l10n.t('There were no secrets to forget.') : message);
}
