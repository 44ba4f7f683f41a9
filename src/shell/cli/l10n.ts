import { t } from '@vscode/l10n';
import chinese from '../../../l10n/cli.l10n.zh-cn.json';
import { speak, type Texts } from '../../platform/l10n/l10n';

/** Chooses the language of what people read, as POSIX does; `chineseOfCore` is what the core says in Chinese. */
export function configureLanguage(env: NodeJS.ProcessEnv, chineseOfCore: Texts = {}): void {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  if (/^zh([_-](CN|SG|Hans)|$|\.)/i.test(locale)) speak({ ...chineseOfCore, ...chinese });
}

export { t };

export function hostCount(count: number): string {
  return count === 1 ? t('1 host') : t('{0} hosts', count);
}

export function checkCount(count: number): string {
  return count === 1 ? t('1 check') : t('{0} checks', count);
}
