import { l10n } from 'vscode';
import type { SecretDestination } from '../../../platform/host/host';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import { printable } from '../../../platform/text/printable';
import { namesOf } from '../../../shell/editor/commands/pickHosts';
import { hostCount } from '../../../shell/editor/hosts/wording';
import { askBefore } from '../../../shell/editor/prompts/askBefore';
import {
  confirmByTyping,
  protectedHosts,
  protectionText,
  thisMachineText,
} from '../../../shell/editor/prompts/protection';
import type { FileRequest } from '../core/file/httpFile';
import { wayText } from '../core/file/connectionOf';
import { isSafe } from '../core/httpRequest';
import type { Senders } from './chooseSenders';

/**
 * Asks before what may change something is sent from several hosts, and has the selector typed where hosts are protected.
 * @param steps all that is sent, in its order
 */
export async function confirmRequest(steps: readonly FileRequest[], senders: Senders): Promise<boolean> {
  const { fleet, hosts, selector, from } = senders;
  if (from === 'local' || steps.every(({ method }) => isSafe(method))) return true;
  const protection = await protectedHosts(fleet, hosts);
  const isProtected = protection.hosts.length > 0;
  if (hosts.length === 1 && !isProtected) return true;
  const what = requestTitle(steps.at(-1)!);
  const send = isProtected ? l10n.t('Continue…') : l10n.t('Send');
  const detail = [
    ...(steps.length > 1 ? [steps.map(requestTitle).join('\n')] : []),
    namesOf(hosts),
    ...thisMachineText(hosts),
    ...(isProtected ? [protectionText(protection)] : []),
  ].join('\n\n');
  const question = l10n.t('Send {0} from {1}?', what, hostCount(hosts.length));
  const answer = await askBefore(question, { refusal: l10n.t("Don't Send"), detail }, send);
  if (answer === undefined || !isProtected) return answer !== undefined;
  const expected = selector.trim() || compactHostSet(hosts.map(({ name }) => name));
  return confirmByTyping(expected, {
    title: l10n.t('Send from protected hosts ({0})', hostCount(protection.hosts.length)),
    prompt: l10n.t('Type “{0}” to send {1} from there.', expected, what),
  });
}

/**
 * Asks before requests go to a server whose certificate is not verified, once for each server and window: a file may be
 * anybody's, and whoever is on the way reads what is sent.
 * @param destination names the server, and the hosts on the way
 */
export async function confirmInsecure(
  steps: readonly FileRequest[],
  { fingerprint, route }: SecretDestination,
  consents: Set<string>,
): Promise<boolean> {
  const consent = JSON.stringify(['insecure', fingerprint, route]);
  if (!steps.some(({ isInsecure }) => isInsecure) || consents.has(consent)) return true;
  const question = l10n.t('Send to {0} without verifying its certificate?', printable(fingerprint, 200));
  const detail = l10n.t(
    'The file of requests says “# @insecure”: whoever is on the way can read and change everything, secrets included. Muster asks once for each server and window.',
  );
  const send = l10n.t('Send');
  if ((await askBefore(question, { refusal: l10n.t("Don't Send"), detail }, send)) === undefined)
    return false;
  consents.add(consent);
  return true;
}

/** What a request is called: its method and URL as they are written, and what is unusual about the way there. */
export function requestTitle(request: FileRequest): string {
  const { method, url } = request;
  return printable(withoutCredentials(`${method} ${url}`) + wayText(request), 200);
}
