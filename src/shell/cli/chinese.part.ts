/** What people read in Chinese: in a bundle of its own, as building these objects takes a tenth of a short command. */
export { default as ofShell } from '../../../l10n/cli.l10n.zh-cn.json';
export { default as ofCore } from '../../../l10n/core.l10n.zh-cn.json';
