import { env, l10n, window, workspace } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import { largestFile, readRegularText } from '../../../platform/files/regularFile';
import { fileFault } from '../../../platform/files/fileFault';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { Redactor } from '../../../platform/redaction/redactor';
import { hidden } from '../../../platform/redaction/spans';
import { assertTrusted } from '../../../shell/editor/batches';
import { choiceBySelector } from '../../../shell/editor/commands/hostChoice';
import type { Ports } from '../../../shell/editor/services';
import { curlToFile } from '../core/convert/curlToFile';
import { toCurl } from '../core/convert/curl';
import { harToFile } from '../core/convert/har';
import { requestOfFile, requestsUpTo } from '../core/file/requestOfFile';
import { rehearse } from '../core/file/sendFromFile';
import { isSafe } from '../core/httpRequest';
import { redactorOf } from '../core/httpBatch';
import { firstHop } from '../core/requestOn';
import { thisMachine } from '../core/thisMachine';
import { chooseSenders, fleetOf, type Senders, sendersOf } from './chooseSenders';
import { confirmInsecure, confirmRequest, requestTitle } from './confirmRequest';
import { FleetRequests } from './fleetRequests';
import { folderOf, type OpenRequest, refuseProblems, type RequestFiles } from './requestFiles';
import { destinationOf, type SecretConsents, secretNames, RequestSecrets } from './requestSecrets';
import { requestLanguage } from './requestScheme';
import type { ResponseDocuments } from './responseDocuments';

/** How requests of files leave a host, beside from where. */
const plain = { http2: true, compressed: false } as const;

/** Sending requests of files, and bringing them from and to other programs. */
export class RequestCommands {
  private readonly requests: FleetRequests;
  private readonly consents: SecretConsents = new Set();

  constructor(
    private readonly services: Ports<'fleets' | 'batches' | 'credentials' | 'redactor'>,
    private readonly files: RequestFiles,
    private readonly documents: ResponseDocuments,
  ) {
    this.requests = new FleetRequests(services.batches);
  }

  /** From the hosts that the file names, or where the user says. */
  async send(place?: unknown): Promise<void> {
    assertTrusted();
    const open = await this.files.at(place);
    refuseProblems(open);
    const senders = await sendersOf(open, this.services.fleets);
    if (senders) await this.carryOut(open, senders);
  }

  async sendFromHosts(place?: unknown): Promise<void> {
    assertTrusted();
    const open = await this.files.at(place);
    refuseProblems(open);
    const senders = await chooseSenders(open, this.services.fleets);
    if (senders) await this.carryOut(open, senders);
  }

  /** Asks for a secret of the request, whatever is kept for where it goes. */
  async enterSecret(place?: unknown): Promise<void> {
    assertTrusted();
    const secret = await this.pickSecret(place);
    await secret?.secrets.enter(secret.name);
  }

  async forgetSecret(place?: unknown): Promise<void> {
    const secret = await this.pickSecret(place);
    if (!secret) return;
    await secret.secrets.forget(secret.name);
    void window.showInformationMessage(l10n.t('The secret {0} was forgotten.', secret.name));
  }

  /** The command of curl that sends it from a host, without what logs in. */
  async copyAsCurl(place?: unknown): Promise<void> {
    const open = await this.files.at(place);
    const { request, file } = open;
    refuseProblems(open);
    if (requestsUpTo(request, file).length > 1)
      throw new MusterError(
        'USAGE',
        l10n.t('The request needs the response to another one, which a command of curl cannot have.'),
      );
    const folder = folderOf(open, [request]);
    const values = {
      ...{ variables: file.variables, given: {} },
      secret: () => Promise.resolve(hidden),
      response: () => undefined,
    };
    const whole = await requestOfFile(request, values, folder, { ...plain, from: 'host' });
    const lines = (await this.hostsNamedBy(open)).map((host) => {
      const hop = firstHop(host, whole);
      return redactorOf(hop).redact(toCurl(hop, whole));
    });
    await env.clipboard.writeText([...new Set(lines)].join('\n'));
    void window.showInformationMessage(
      l10n.t('The command of curl is in the clipboard, without values of headers that log in.'),
    );
  }

  /** The command of curl in the clipboard as a request, in the file that is open or a new one. */
  async pasteCurl(): Promise<void> {
    const text = curlToFile(await env.clipboard.readText());
    const editor = window.activeTextEditor;
    if (editor?.document.languageId !== requestLanguage) return showNewFile(text);
    const { document, selection } = editor;
    const { requests } = await this.files.of(document);
    // Not in the middle of another request.
    const line = selection.active.line + 1;
    const around = requests.find(({ firstLine, lastLine }) => firstLine <= line && line <= lastLine);
    const last = document.lineAt((around?.lastLine ?? document.lineCount) - 1);
    const isNew = document.getText().trim() === '';
    const before = isNew ? '' : last.isEmptyOrWhitespace ? '\n' : '\n\n';
    await editor.edit((edit) => edit.insert(last.range.end, `${before}${text.trimEnd()}\n`));
  }

  /** The requests of an archive as a new file, without what logs in. */
  async importHar(): Promise<void> {
    const [uri] =
      (await window.showOpenDialog({
        filters: { [l10n.t('Archives of requests')]: ['har', 'json'] },
        openLabel: l10n.t('Import'),
        title: l10n.t('Import HAR'),
      })) ?? [];
    if (!uri) return;
    await showNewFile(harToFile(await textOf(uri.fsPath)));
  }

  private async carryOut(open: OpenRequest, senders: Senders): Promise<void> {
    const { file, request } = open;
    const steps = requestsUpTo(request, file);
    if (!steps.every(({ method }) => isSafe(method))) refuseReadOnly(senders.hosts);
    if (!(await confirmRequest(steps, senders))) return;
    // What was declined before is asked about again.
    this.services.credentials.batchBegan();
    const destination = await destinationOf(steps, file, senders);
    if (!(await confirmInsecure(steps, destination, this.consents))) return;
    const secrets = new RequestSecrets(this.services, destination, this.consents);
    const sending = {
      folder: folderOf(open, steps),
      rest: { ...plain, from: senders.from },
      values: { variables: file.variables, given: {}, secret: secrets.get },
    };
    await rehearse(steps, sending);
    const startedAt = new Date();
    const report = await this.requests.send(steps, sending, senders);
    if (report.results.some(({ response }) => response !== null && response.status < 400)) secrets.accepted();
    await this.documents.show({
      ...{ request: requestTitle(request), selector: senders.selector, startedAt, report },
      isInsecure: steps.some(({ isInsecure }) => isInsecure),
      redactor: new Redactor(secrets.values),
    });
  }

  private async pickSecret(place: unknown): Promise<{ name: string; secrets: RequestSecrets } | undefined> {
    const open = await this.files.at(place);
    const steps = requestsUpTo(open.request, open.file);
    const names = secretNames(steps, open.file);
    if (names.length === 0) {
      void window.showInformationMessage(
        l10n.t('The request has no secret: write one as {0}.', '{{$secret NAME}}'),
      );
      return undefined;
    }
    const name =
      names.length === 1 ? names[0] : await window.showQuickPick(names, { title: l10n.t('Which secret?') });
    const senders = name === undefined ? undefined : await sendersOf(open, this.services.fleets);
    if (name === undefined || !senders) return undefined;
    const destination = await destinationOf(steps, open.file, senders);
    return { name, secrets: new RequestSecrets(this.services, destination, this.consents) };
  }

  /** Those that the file names; else this machine, which is none of the inventory. */
  private async hostsNamedBy(open: OpenRequest): Promise<Senders['hosts']> {
    const { hosts } = open.request;
    const fleet = hosts.length > 0 ? await fleetOf(open, this.services.fleets) : undefined;
    return fleet
      ? (await choiceBySelector(fleet, hosts.join(' '))).hosts
      : [thisMachine(open.folder ?? '/').host];
  }
}

async function showNewFile(content: string): Promise<void> {
  await window.showTextDocument(await workspace.openTextDocument({ language: requestLanguage, content }));
}

/** @throws MusterError USAGE */
async function textOf(file: string): Promise<string> {
  try {
    return await readRegularText(file, largestFile.input);
  } catch (error) {
    throw new MusterError('USAGE', l10n.t('Cannot read {0}: {1}', file, fileFault(error)), { cause: error });
  }
}
