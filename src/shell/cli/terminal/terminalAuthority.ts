import type { Authority, CredentialRequest, UnknownHostKey } from '../../../platform/host/host';
import { printable } from '../../../platform/text/printable';
import { destinationLines, projectTrustLines, secretId } from '../../../platform/host/secretDestination';
import type { Interruption } from './interruption';
import { t } from '../l10n';
import { askOnTty } from './ttyQuestion';
import type { Terminal } from './terminal';

/** Puts questions to the person at the terminal, one at a time; where there is none, it declines. */
export function terminalAuthority(
  terminal: Terminal,
  interruption: Interruption,
  acceptNew: boolean,
): Authority {
  const answers = new Map<string, string | undefined>();
  let last: Promise<unknown> = Promise.resolve();

  const ask = async (request: CredentialRequest, signal: AbortSignal): Promise<string | undefined> => {
    const { kind, prompt, echo, retry } = request;
    const id = secretId(request);
    // What was declined is not asked for again; nor is what was given, unless it was wrong.
    if (answers.has(id) && kind !== 'answer' && !(retry && answers.get(id) !== undefined))
      return answers.get(id);
    const question = `${retry ? `${t('That was refused.')} ` : ''}${printable(prompt, 300)}${whereTo(request)}: `;
    const answer = await terminal.alone(() =>
      askOnTty(question, { echo, signal, onInterrupt: () => interruption.onSignal('SIGINT') }),
    );
    const given = answer === '' && kind !== 'answer' ? undefined : answer;
    if (!signal.aborted) answers.set(id, given);
    return given;
  };

  const told = new Set<string>();
  /** What is taken on with --accept-new was asked of nobody: at least it is said once whose files are in force. */
  const tellOf = ({ project }: UnknownHostKey) => {
    if (!project || told.size === told.add(project.inventory).size) return;
    terminal.note(`--accept-new: ${projectTrustLines(project).join(' ')}`);
  };

  return {
    unknownHostKey: (key) => {
      if (acceptNew) tellOf(key);
      return Promise.resolve(acceptNew ? 'remember' : 'reject');
    },
    credential: (request, signal) => {
      const answer = last.then(() => (signal.aborted ? undefined : ask(request, signal)));
      last = answer.catch(() => {});
      return answer;
    },
  };
}

/** Where an answer would go, if the address that the question names is not all there is to it. */
function whereTo({ destination }: CredentialRequest): string {
  if (!destination || (destination.vouchedBy === 'user' && destination.route.length === 0)) return '';
  return ` (${destinationLines(destination).join('; ')})`;
}
