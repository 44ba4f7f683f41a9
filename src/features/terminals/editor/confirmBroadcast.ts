import { l10n } from 'vscode';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { confirmByTyping, protectedHosts, protectionText } from '../../../shell/editor/prompts/protection';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { hostCount } from '../../../shell/editor/hosts/wording';
import type { HostTerminal } from './hostTerminal';
import { askBefore } from '../../../shell/editor/prompts/askBefore';

type Member = Pick<HostTerminal, 'fleet' | 'host'>;

/** Asks where protected hosts would get what is typed: for their names to be typed, as a run on them does. */
export async function confirmBroadcast(members: readonly Member[]): Promise<boolean> {
  const fleets = [...new Set(members.map(({ fleet }) => fleet))];
  const found = await Promise.all(fleets.map((fleet) => protectedAmong(fleet, members)));
  const protections = found.filter(({ hosts }) => hosts.length > 0);
  if (protections.length === 0) return true;
  const answer = l10n.t('Continue…');
  const question = l10n.t('Broadcast input to protected hosts?');
  const detail = [
    l10n.t('What you type goes to {0} terminals.', members.length),
    ...protections.map(protectionText),
  ].join('\n\n');
  if (!(await askBefore(question, { refusal: l10n.t("Don't Broadcast"), detail }, answer))) return false;
  const names = [...new Set(protections.flatMap(({ hosts }) => hosts.map(({ name }) => name)))];
  const expected = compactHostSet(names);
  return confirmByTyping(expected, {
    title: l10n.t('Broadcast to protected hosts ({0})', hostCount(names.length)),
    prompt: l10n.t('Type “{0}” to send them what you type.', expected),
  });
}

function protectedAmong(fleet: Fleet, members: readonly Member[]) {
  const names = new Set(members.filter((member) => member.fleet === fleet).map(({ host }) => host));
  return protectedHosts(
    fleet,
    [...names].flatMap((name) => fleet.inventory?.hosts.get(name) ?? []),
  );
}
