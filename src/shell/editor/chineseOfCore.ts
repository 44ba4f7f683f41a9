import chinese from '../../../l10n/core.l10n.zh-cn.json';

export const chineseOfCore = chinese;
