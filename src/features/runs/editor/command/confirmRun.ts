import { l10n, window } from 'vscode';
import { compactHostSet } from '../../../../platform/inventory/selection/hostSet';
import type { Host } from '../../../../platform/inventory/model';
import { printable } from '../../../../platform/text/printable';
import type { RunRequest } from '../../core/remoteCommand';
import type { Fleet } from '../../../../shell/editor/fleets/fleet';
import { fileUri } from '../../../../shell/editor/fleets/fleets';
import type { RunOrder } from '../fleetRuns';
import { protectedSelectorSetting } from '../../../../shell/editor/settings';
import { hostCount } from '../../../../shell/editor/hosts/wording';
import { namesOf } from '../../../../shell/editor/commands/pickHosts';
import { splitSelectors } from '../../../../shell/editor/commands/splitSelectors';
import { askBefore } from '../../../../shell/editor/prompts/askBefore';

const titleLength = 200;
const longestShown = 4000;

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
  const { resolveSelectors } = await import('../../../../platform/inventory/selection/selector');
  const { hosts: matched, problem } = resolveSelectors(inventory, splitSelectors(selector));
  // That no host is meant is no mistake: most inventories have no such label.
  if (problem && problem.kind !== 'empty') return { hosts, selector, problem: problem.message };
  const names = new Set(matched.map(({ name }) => name));
  return { hosts: hosts.filter(({ name }) => names.has(name)), selector };
}

export async function isProtected({ fleet, hosts }: Pick<RunOrder, 'fleet' | 'hosts'>): Promise<boolean> {
  return (await protectedHosts(fleet, hosts)).hosts.length > 0;
}

/**
 * Asks whether to run: a question with the number and names of the hosts, and their selector to be typed if any of
 * them is protected. With `ifProtected` there is no question where nothing is protected.
 */
export async function confirmRun(
  order: RunOrder,
  ask: 'always' | 'ifProtected' = 'always',
): Promise<boolean> {
  const protection = await protectedHosts(order.fleet, order.hosts);
  if (protection.hosts.length === 0) return ask === 'ifProtected' || (await confirmHosts(order));
  return (await confirmHosts(order, protection)) && (await typeSelector(order, protection));
}

async function confirmHosts(order: RunOrder, protection?: Protection): Promise<boolean> {
  const { hosts } = order;
  const command = orderTitle(order);
  const answer = protection ? l10n.t('Continue…') : l10n.t('Run');
  const question =
    hosts.length === 1
      ? l10n.t('Run “{0}” on {1}?', command, hosts[0]!.name)
      : l10n.t('Run “{0}” on {1} hosts?', command, hosts.length);
  const detail = detailOf(order, protection);
  return (await askBefore(question, { refusal: l10n.t("Don't Run"), detail }, answer)) === answer;
}

function detailOf({ hosts, request, askedBy, reason }: RunOrder, protection?: Protection): string {
  return [
    ...(askedBy === undefined ? [] : [l10n.t('Asked for by the extension {0}.', askedBy)]),
    ...(reason === undefined ? [] : [printable(reason, longestShown)]),
    namesOf(hosts),
    ...thisMachineText(hosts),
    ...wholeCommand(request),
    ...(request.sudo ? [l10n.t('As root, through sudo.')] : []),
    ...(protection ? [protectionText(protection)] : []),
  ].join('\n\n');
}

/** Which of the hosts are this machine: what runs there runs as the user. */
export function thisMachineText(hosts: readonly Host[]): string[] {
  const here = hosts.filter(({ transport }) => transport === 'local');
  return here.length === 0 ? [] : [l10n.t('On this machine, as you: {0}', namesOf(here))];
}

/** A command line that is too long for the question itself: nobody confirms what is not shown. */
function wholeCommand({ command }: RunRequest): string[] {
  const line = printable((command ?? []).join(' '), longestShown);
  return line.length > titleLength ? [line] : [];
}

export function protectionText({ hosts, selector, problem }: Protection): string {
  if (problem !== undefined)
    return l10n.t('Every host is protected: muster.protectedSelector “{0}” is wrong: {1}', selector, problem);
  return l10n.t('Protected ({0}): {1}', selector, namesOf(hosts));
}

async function typeSelector(order: RunOrder, protection: Protection): Promise<boolean> {
  const expected = order.selector.trim() || compactHostSet(order.hosts.map(({ name }) => name));
  return confirmByTyping(expected, {
    title: l10n.t('Run on protected hosts ({0})', hostCount(protection.hosts.length)),
    prompt: l10n.t('Type “{0}” to run “{1}” there.', expected, orderTitle(order)),
  });
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

/** What to call a run: its label, or what it runs. */
export function orderTitle({ label, request }: Pick<RunOrder, 'label' | 'request'>): string {
  return label === undefined ? requestTitle(request) : printable(label, titleLength);
}

/** What is run, as one line to show: a command line, or what is telling of a script. */
export function requestTitle({ command, script }: RunRequest, limit = titleLength): string {
  if (script === undefined) return printable((command ?? []).join(' '), limit);
  const lines = script.split('\n', 50).map((line) => line.trim());
  const telling = lines.find((line) => line !== '' && !line.startsWith('#')) ?? lines[0] ?? '';
  return printable(lines.length > 1 ? `${telling} …` : telling, limit);
}
