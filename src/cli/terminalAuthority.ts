import type { Authority, CredentialRequest } from '../core/host';
import { printable } from '../core/printable';
import type { Interruption } from './interruption';
import { t } from './l10n';
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
    const { subject, kind, prompt, echo, retry } = request;
    // What was declined is not asked for again; nor is what was given, unless it was wrong.
    if (answers.has(subject) && kind !== 'answer' && !(retry && answers.get(subject) !== undefined))
      return answers.get(subject);
    const question = `${retry ? `${t('That was refused.')} ` : ''}${printable(prompt, 300)}: `;
    const answer = await terminal.alone(() =>
      askOnTty(question, { echo, signal, onInterrupt: () => interruption.onSignal('SIGINT') }),
    );
    const given = answer === '' && kind !== 'answer' ? undefined : answer;
    if (!signal.aborted) answers.set(subject, given);
    return given;
  };

  return {
    unknownHostKey: () => Promise.resolve(acceptNew ? 'remember' : 'reject'),
    credential: (request, signal) => {
      const answer = last.then(() => (signal.aborted ? undefined : ask(request, signal)));
      last = answer.catch(() => {});
      return answer;
    },
  };
}
