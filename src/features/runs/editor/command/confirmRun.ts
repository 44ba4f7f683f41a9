import { l10n } from 'vscode';
import type { BecomeSettings, Host } from '../../../../platform/inventory/model';
import { compactHostSet } from '../../../../platform/inventory/selection/hostSet';
import { printable } from '../../../../platform/text/printable';
import { becomingOf } from '../../../../platform/transport/become/becomeCommand';
import type { RunRequest } from '../../core/remoteCommand';
import type { RunOrder } from '../fleetRuns';
import { hostCount } from '../../../../shell/editor/hosts/wording';
import { namesOf } from '../../../../shell/editor/commands/pickHosts';
import { askBefore } from '../../../../shell/editor/prompts/askBefore';
import {
  confirmByTyping,
  protectedHosts,
  type Protection,
  protectionText,
  thisMachineText,
} from '../../../../shell/editor/prompts/protection';

const titleLength = 200;
const longestShown = 4000;

/**
 * Asks whether to run: a question with the number and names of the hosts, and their selector to be typed if any of
 * them is protected. Where nothing is protected, there is none for up to `over` hosts.
 */
export async function confirmRun(order: RunOrder, over = 0): Promise<boolean> {
  const protection = await protectedHosts(order.fleet, order.hosts);
  if (protection.hosts.length === 0) return order.hosts.length <= over || (await confirmHosts(order));
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
    ...(request.become ? [becomingText(hosts, request.become)] : []),
    ...(protection ? [protectionText(protection)] : []),
  ].join('\n\n');
}

/** Who the command is run as, of hosts that differ each with its number. */
function becomingText(hosts: readonly Host[], become: BecomeSettings): string {
  const ways = new Map<string, number>();
  for (const host of hosts) {
    const { user, method } = becomingOf(host, become);
    const way = `${user} (${method})`;
    ways.set(way, (ways.get(way) ?? 0) + 1);
  }
  const all = [...ways].map(([way, count]) => (ways.size === 1 ? way : `${way}: ${count}`)).join(', ');
  return l10n.t('As another user: {0}.', all);
}

/** A command line that is too long for the question itself: nobody confirms what is not shown. */
function wholeCommand({ command }: RunRequest): string[] {
  const line = printable((command ?? []).join(' '), longestShown);
  return line.length > titleLength ? [line] : [];
}

async function typeSelector(order: RunOrder, protection: Protection): Promise<boolean> {
  const expected = order.selector.trim() || compactHostSet(order.hosts.map(({ name }) => name));
  return confirmByTyping(expected, {
    title: l10n.t('Run on protected hosts ({0})', hostCount(protection.hosts.length)),
    prompt: l10n.t('Type “{0}” to run “{1}” there.', expected, orderTitle(order)),
  });
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
