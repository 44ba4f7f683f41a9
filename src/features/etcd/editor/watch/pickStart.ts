import { l10n, type QuickPickItem, window } from 'vscode';
import type { WatchStart } from './watchTarget';

/** Asks where a watch begins. */
export async function pickStart(): Promise<WatchStart | undefined> {
  const items: (QuickPickItem & { start: WatchStart['kind'] })[] = [
    { start: 'now', label: l10n.t('Now'), detail: l10n.t('What changes from now on') },
    {
      ...{ start: 'snapshot', label: l10n.t('With What Is There') },
      detail: l10n.t('Every key as it is, then what changes'),
    },
    {
      ...{ start: 'revision', label: l10n.t('At a Revision in the Past…') },
      detail: l10n.t('What changed since, as far as it is not compacted, then what changes'),
    },
  ];
  const title = l10n.t('Where does the watch begin?');
  const kind = (await window.showQuickPick(items, { title }))?.start;
  if (kind !== 'revision') return kind && { kind };
  const revision = await window.showInputBox({
    title,
    prompt: l10n.t('The first revision to show; 1 for everything that etcd still has'),
    value: '1',
    validateInput: (text) =>
      /^[1-9]\d{0,14}$/.test(text.trim()) ? undefined : l10n.t('Write a revision: a number from 1.'),
  });
  return revision === undefined ? undefined : { kind, revision: Number(revision) };
}
