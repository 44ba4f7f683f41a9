import { l10n, type QuickPickItem, window } from 'vscode';
import { printable } from '../../../../platform/text/printable';
import type { FoldedGroup } from '../../core/fold';
import { matcherOf, type OutputHit, searchOutput } from './searchOutput';

const mostHits = 500;
/** Milliseconds after the last key. */
const typingMs = 150;

type HitItem = QuickPickItem & { hit?: OutputHit };

/** Finds lines in all output of a run while a person types; undefined when the question was left. */
export async function pickOutputLine(
  title: string,
  groups: readonly FoldedGroup[],
): Promise<OutputHit | undefined> {
  const picker = window.createQuickPick<HitItem>();
  picker.title = l10n.t('Search the output of “{0}”', title);
  picker.placeholder = l10n.t('Text in any case, or /regular expression/');
  let searching = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const search = async (query: string) => {
    const matches = query === '' ? undefined : matcherOf(query);
    if (!matches) {
      const problem = query === '' ? [] : [note(l10n.t('This is not a regular expression.'))];
      picker.items = problem;
      return;
    }
    const { signal } = (searching = new AbortController());
    picker.busy = true;
    const hits = await searchOutput(groups, matches, mostHits, signal);
    if (signal.aborted) return;
    picker.busy = false;
    const more = hits.length >= mostHits ? [note(l10n.t('The first {0} lines are shown.', mostHits))] : [];
    picker.items = hits.length === 0 ? [note(l10n.t('No line matches.'))] : [...hits.map(itemOf), ...more];
  };
  try {
    return await new Promise<OutputHit | undefined>((resolve) => {
      picker.onDidChangeValue((query) => {
        searching.abort();
        clearTimeout(timer);
        timer = setTimeout(() => void search(query), typingMs);
      });
      picker.onDidAccept(() => {
        const hit = picker.selectedItems[0]?.hit;
        if (hit) resolve(hit);
      });
      picker.onDidHide(() => resolve(undefined));
      picker.show();
    });
  } finally {
    clearTimeout(timer);
    searching.abort();
    picker.dispose();
  }
}

function itemOf(hit: OutputHit): HitItem {
  const { group, line, text } = hit;
  // The editor's own filter would hide what a regular expression found.
  return {
    label: printable(text.trim(), 200) || ' ',
    description: `${printable(group.hostSet, 80)}:${line + 1}`,
    alwaysShow: true,
    hit,
  };
}

function note(label: string): HitItem {
  return { label: `$(info) ${label}`, alwaysShow: true };
}
