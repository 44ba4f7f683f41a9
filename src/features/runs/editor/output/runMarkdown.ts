import { l10n } from 'vscode';
import { errorChain } from '../../../../platform/errors/errors';
import { printable, printableText } from '../../../../platform/text/printable';
import type { FoldedGroup } from '../../core/fold';
import { outcomeText } from '../outcome';
import type { RunHead } from '../storedRun';

/** Characters of a group's output: what is pasted into a ticket is read by people. */
const limit = 20_000;

/** A run for a ticket or a chat: what ran where, and each distinct output once, in a fence that it cannot close. */
export function runMarkdown(head: RunHead, groups: readonly FoldedGroup[]): string {
  const when = new Date(head.startedAt).toISOString();
  return [
    l10n.t('**{0}** on {1} ({2}), {3}', inline(head.title), inline(head.selector), head.hosts.length, when),
    ...groups.map(groupMarkdown),
  ].join('\n\n');
}

function groupMarkdown({ hosts, hostSet, result }: FoldedGroup): string {
  const failure = result.error ? printableText(errorChain(result.error).join('\n')) : '';
  const parts = [result.stdout, result.stderr].map((text) => printableText(text.slice(0, limit)));
  const text = [...parts, failure].filter((part) => part !== '').join('\n') || `[${l10n.t('no output')}]`;
  const fence = '`'.repeat(Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length)) + 1);
  return `${inline(hostSet)} (${hosts.length}): ${outcomeText(result)}\n\n${fence}text\n${text}\n${fence}`;
}

function inline(text: string): string {
  const shown = printable(text, 500);
  const ticks = '`'.repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return ticks.length === 1 ? `${ticks}${shown}${ticks}` : `${ticks} ${shown} ${ticks}`;
}
