import { l10n } from 'vscode';
import type { CredentialRequest } from '../../../platform/host/host';
import { printable } from '../../../platform/text/printable';
import { destinationLines, readSecretId, secretId } from '../../../platform/host/secretDestination';
import { askBefore } from './askBefore';
import { GroupedQuestions } from './groupedQuestions';

const gatherMs = 250;
const shownSecrets = 10;

/** A kept secret, and who wants it. */
interface WantedSecret {
  request: CredentialRequest;
  /** The id of the secret. */
  keptUnder: string;
}

type Answer = 'send' | 'type' | undefined;

/** Asks whether kept secrets may be sent where they were not kept for, or where only a project vouches for the server. */
export class SecretQuestion {
  private readonly questions = new GroupedQuestions<WantedSecret, Answer>((wanted) => ask(wanted), gatherMs);

  /** Resolves to undefined where nothing is to be sent. */
  answer(wanted: WantedSecret, signal: AbortSignal): Promise<Answer> {
    return this.questions.answer(wanted, signal, undefined);
  }
}

async function ask(wanted: readonly WantedSecret[]): Promise<Answer> {
  const send = l10n.t('Send');
  const type = l10n.t('Type Another');
  const question =
    wanted.length === 1
      ? l10n.t('Send the password that is kept for {0}?', ownerOf(wanted[0]!.request))
      : l10n.t('Send the {0} passwords that are kept for these logins?', wanted.length);
  // What a project says of its own servers comes first, then what has a way of its own.
  const sorted = [...wanted].sort((one, other) => suspicionOf(other) - suspicionOf(one));
  const more = sorted.length - shownSecrets;
  const detail = [
    ...sorted.slice(0, shownSecrets).map(textOf),
    ...(more > 0 ? [l10n.t('and {0} more', more)] : []),
  ].join('\n\n');
  const choice = await askBefore(question, { refusal: l10n.t("Don't Send"), detail }, send, type);
  return choice === send ? 'send' : choice === type ? 'type' : undefined;
}

function suspicionOf({ request: { destination } }: WantedSecret): number {
  return destination?.vouchedBy === 'project' ? 2 : destination?.route.length ? 1 : 0;
}

function textOf({ request, keptUnder }: WantedSecret): string {
  return [
    l10n.t('It would go to {0}.', ownerOf(request)),
    ...destinationLines(request.destination!),
    ...whyAsked(request, keptUnder),
  ].join('\n');
}

function whyAsked(request: CredentialRequest, keptUnder: string): string[] {
  const { destination } = readSecretId(keptUnder);
  if (!destination)
    return [l10n.t('An earlier version of Muster kept it, and did not note for which server.')];
  if (keptUnder === secretId(request)) return [];
  return [
    l10n.t('It is kept for another server, or for another way to it:'),
    ...destinationLines({ ...destination, vouchedBy: 'user' }),
  ];
}

/** e.g. `db-1 (ops@10.0.0.5)`, or the path of a key file */
export function ownerOf({ name, subject }: Pick<CredentialRequest, 'name' | 'subject'>): string {
  const login = printable(subject.replace(/:22$/, ''), 120);
  return name === undefined ? login : `${printable(name, 100)} (${login})`;
}
