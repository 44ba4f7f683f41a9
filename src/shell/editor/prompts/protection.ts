import { l10n, window } from 'vscode';
import type { Host } from '../../../platform/inventory/model';
import { namesOf } from '../commands/pickHosts';
import { splitSelectors } from '../commands/splitSelectors';
import type { Fleet } from '../fleets/fleet';
import { fileUri } from '../fleets/fleets';
import { protectedSelectorSetting } from '../settings';

/** Hosts that `muster.protectedSelector` protects, and what is wrong with that selector if it protects them all. */
export interface Protection {
  hosts: readonly Host[];
  selector: string;
  problem?: string;
}

/** Of the hosts those that are protected. A selector that makes no sense protects them all. */
export async function protectedHosts(fleet: Fleet, hosts: readonly Host[]): Promise<Protection> {
  const selector = protectedSelectorSetting.get(fileUri(fleet));
  const { inventory } = fleet;
  if (selector === '' || !inventory) return { hosts: [], selector };
  const { resolveSelectors } = await import('../../../platform/inventory/selection/selector');
  const { hosts: matched, problem } = resolveSelectors(inventory, splitSelectors(selector));
  // That no host is meant is no mistake: most inventories have no such label.
  if (problem && problem.kind !== 'empty') return { hosts, selector, problem: problem.message };
  const names = new Set(matched.map(({ name }) => name));
  return { hosts: hosts.filter(({ name }) => names.has(name)), selector };
}

export async function isProtected({
  fleet,
  hosts,
}: {
  fleet: Fleet;
  hosts: readonly Host[];
}): Promise<boolean> {
  return (await protectedHosts(fleet, hosts)).hosts.length > 0;
}

/** Which of the hosts are this machine: what runs there runs as the user. */
export function thisMachineText(hosts: readonly Host[]): string[] {
  const here = hosts.filter(({ transport }) => transport === 'local');
  return here.length === 0 ? [] : [l10n.t('On this machine, as you: {0}', namesOf(here))];
}

export function protectionText({ hosts, selector, problem }: Protection): string {
  if (problem !== undefined)
    return l10n.t('Every host is protected: muster.protectedSelector “{0}” is wrong: {1}', selector, problem);
  return l10n.t('Protected ({0}): {1}', selector, namesOf(hosts));
}

/** Asks for the very words, which nobody types without having read them; only spaces may differ. */
export async function confirmByTyping(
  expected: string,
  question: { title: string; prompt: string },
): Promise<boolean> {
  const same = (typed: string) => typed.trim().replace(/\s+/g, ' ') === expected.replace(/\s+/g, ' ');
  const typed = await window.showInputBox({
    ...question,
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.trim() === '' || same(text) ? undefined : l10n.t('This is not “{0}”.', expected),
  });
  return typed !== undefined && same(typed);
}
