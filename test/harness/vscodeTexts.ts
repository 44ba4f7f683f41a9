/** What unit tests have of `vscode`: its texts, in English. What needs more of it is tested in the editor. */
export * as l10n from '@vscode/l10n';
export const env = { language: 'en' };
