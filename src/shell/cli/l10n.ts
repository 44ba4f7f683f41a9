import { t } from '@vscode/l10n';
import { speak } from '../../platform/l10n/l10n';

/** Chooses the language of what people read, as POSIX does. With `core`, what the core says is in that language, too. */
export async function configureLanguage(env: NodeJS.ProcessEnv, { core }: { core: boolean }): Promise<void> {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  if (!/^zh([_-](CN|SG|Hans)|$|\.)/i.test(locale)) return;
  const { ofCore, ofShell } = await import('./chinese.part');
  speak(core ? { ...ofCore, ...ofShell } : ofShell);
}

export { t };

export function hostCount(count: number): string {
  return count === 1 ? t('1 host') : t('{0} hosts', count);
}

export function checkCount(count: number): string {
  return count === 1 ? t('1 check') : t('{0} checks', count);
}
