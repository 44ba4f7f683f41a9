import { env } from 'vscode';
import { speak } from '../../platform/l10n/l10n';

/** Has the core speak the language of the editor, whose texts are read only where they are needed. */
export async function speakCore(): Promise<void> {
  if (env.language.toLowerCase() !== 'zh-cn') return;
  const { chineseOfCore } = await import('./chineseOfCore');
  speak(chineseOfCore);
}
