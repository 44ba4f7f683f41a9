import { l10n } from 'vscode';
import type { CredentialRequest, SecretDestination } from '../../../platform/host/host';
import { printable } from '../../../platform/text/printable';
import type { Ports } from '../../../shell/editor/services';
import { askBefore } from '../../../shell/editor/prompts/askBefore';
import { fillIn, secretsNamedIn } from '../core/file/fillIn';
import { wayText } from '../core/file/connectionOf';
import type { FileRequest, HttpFile } from '../core/file/httpFile';
import type { Senders } from './chooseSenders';

/** Variables of the environment that may go to a destination, as the user said in this window. */
export type SecretConsents = Set<string>;

/**
 * The secrets of requests that are sent together: what the user entered for these servers, a variable of the environment,
 * or what the user is asked for. A file names them, and a file may be anybody's: what was entered for one server goes to
 * another one, and the environment to any, only when the user says so.
 */
export class RequestSecrets {
  /** Those that were given, which documents do not show. */
  readonly values: string[] = [];
  private readonly known = new Map<string, Promise<string | undefined>>();
  private readonly never = new AbortController();

  constructor(
    private readonly ports: Ports<'credentials' | 'redactor'>,
    private readonly destination: SecretDestination,
    private readonly consents: SecretConsents,
  ) {}

  /** The same each time; undefined where it is not known, or the user does not give it. */
  readonly get = (name: string): Promise<string | undefined> => {
    const known = this.known.get(name) ?? this.find(name);
    this.known.set(name, known);
    return known;
  };

  /** Asks for it, whatever is kept. */
  async enter(name: string): Promise<void> {
    await this.forget(name);
    await this.ports.credentials.answer(this.requestFor(name), this.never.signal);
  }

  forget(name: string): Promise<void> {
    return this.ports.credentials.forget(this.requestFor(name));
  }

  /** A server took them: what was typed may be kept. */
  accepted(): void {
    for (const name of this.known.keys()) this.ports.credentials.accepted(this.requestFor(name));
  }

  private async find(name: string): Promise<string | undefined> {
    const { credentials, redactor } = this.ports;
    const request = this.requestFor(name);
    const { signal } = this.never;
    const value =
      (await credentials.answer(request, signal, false)) ??
      (await this.ofEnvironment(name)) ??
      (await credentials.answer(request, signal));
    if (value === undefined) return undefined;
    redactor.add(value);
    this.values.push(value);
    return value;
  }

  private async ofEnvironment(name: string): Promise<string | undefined> {
    const value = process.env[name];
    if (value === undefined) return undefined;
    const { fingerprint, route } = this.destination;
    const consent = JSON.stringify([name, fingerprint, route]);
    if (this.consents.has(consent)) return value;
    const send = l10n.t('Send');
    const question = l10n.t('Send the environment variable {0} to {1}?', name, printable(fingerprint, 200));
    const detail = l10n.t('The file of requests names it. Muster asks once for each server and window.');
    if ((await askBefore(question, { refusal: l10n.t("Don't Send"), detail }, send)) === undefined)
      return undefined;
    this.consents.add(consent);
    return value;
  }

  private requestFor(name: string): CredentialRequest {
    const { destination } = this;
    return {
      ...{ kind: 'password', subject: `$secret ${name}`, destination, echo: false, retry: false },
      prompt: l10n.t('Secret {0} for {1}', name, printable(destination.fingerprint, 120)),
    };
  }
}

/** The names of the secrets that requests need, variables that stand for them included. */
export function secretNames(steps: readonly FileRequest[], { variables }: HttpFile): string[] {
  const texts = steps.flatMap(({ url, headers, body }) => [
    url,
    ...headers.map(({ value }) => value),
    ...body.map((piece) => (piece.kind === 'text' ? piece.text : '')),
  ]);
  return secretsNamedIn([...texts, ...[...variables.values()].map(({ value }) => value)].join('\n'));
}

/** The servers that requests go to as they are written, and the hosts on the way. @throws MusterError USAGE */
export async function destinationOf(
  steps: readonly FileRequest[],
  { variables }: HttpFile,
  { from, selector }: Pick<Senders, 'from' | 'selector'>,
): Promise<SecretDestination> {
  const values = {
    ...{ variables, given: {}, isRehearsal: true },
    secret: (name: string) => Promise.resolve(`$secret ${name}`),
    response: () => undefined,
  };
  const origins = new Set<string>();
  for (const step of steps) {
    const { url, headers } = step;
    const host = headers.find(({ name }) => name.toLowerCase() === 'host')?.value ?? '';
    const [place, name, way] = await Promise.all(
      [url, host, wayText(step)].map((text) => fillIn(text, values)),
    );
    const origin = originOf(place!.text.startsWith('/') ? `${name!.text}${place!.text}` : place!.text);
    // By another way, or unverified, it may be another server.
    origins.add(origin + way!.text);
  }
  return {
    fingerprint: [...origins].sort().join(', '),
    route: from === 'local' ? [] : [selector],
    vouchedBy: 'user',
  };
}

/** Placeholders of hosts stay as they are written. */
function originOf(url: string): string {
  const [, scheme = 'http://', place = ''] =
    /^([a-z][a-z\d+.-]*:\/\/)?(?:[^/?#]*@)?([^/?#]*)/i.exec(url) ?? [];
  return `${scheme}${place.startsWith(':') ? 'localhost' : ''}${place}`.toLowerCase();
}
