import { dirname } from 'node:path';
import { l10n, window, workspace } from 'vscode';
import { labelProblem } from '../../../platform/inventory/hostName';
import { additions, changed } from '../../../platform/inventory/importing/editDocument';
import { type HostChoice, pickHosts } from '../../../shell/editor/commands/pickHosts';
import { splitSelectors } from '../../../shell/editor/commands/splitSelectors';
import { editText } from '../../../shell/editor/documents/editText';
import { savingText } from '../../../shell/editor/documents/savingText';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { fileUri, type Fleets } from '../../../shell/editor/fleets/fleets';
import { checks } from '../../checks/core/check';
import { checkOfRequest } from '../core/file/checkOfRequest';
import type { FileRequest } from '../core/file/httpFile';
import { fleetOf } from './chooseSenders';
import { folderOf, type OpenRequest, refuseProblems } from './requestFiles';

/** Writes the request into `checks:` of a muster.yaml, which Muster leaves unsaved for the user to look at. @throws MusterError */
export async function saveAsCheck(open: OpenRequest, fleets: Fleets): Promise<void> {
  const { request, file } = open;
  refuseProblems(open);
  const fleet = await fleetOf(open, fleets);
  if (!fleet) return;
  const selector = await selectorOf(request, fleet);
  if (selector === undefined) return;
  const on = splitSelectors(selector);
  const { value, isReaddressed } = await checkOfRequest(request, file, on, {
    folder: folderOf(open, [request]),
    directory: dirname(fleet.file),
  });
  const name = await askName(request, fleet);
  if (name === undefined) return;
  const document = await workspace.openTextDocument(fileUri(fleet));
  const text = document.getText();
  const change = additions(text, 'checks', [{ key: name, value }]);
  const start = change.start + (/^\s*/.exec(change.text)?.[0].length ?? 0);
  if (!(await editText(document, changed(text, [change]), start))) return;
  const saving = savingText(document);
  const notes = [
    l10n.t('The check “{0}” was added.', name),
    saving.text,
    ...(isReaddressed
      ? [l10n.t('Checks are sent from this machine: the address of the host is in the place of localhost.')]
      : []),
  ];
  const save = l10n.t('Save');
  // Not waited for: the command has done its work.
  void window
    .showInformationMessage(notes.filter(Boolean).join(' '), ...(saving.isAsked ? [save] : []))
    .then((choice) => (choice === save ? document.save() : undefined));
}

/** The hosts of the check: those that the file names, or that the user chooses. */
async function selectorOf({ hosts }: FileRequest, fleet: Fleet): Promise<string | undefined> {
  if (hosts.length > 0) return hosts.join(' ');
  const choice: HostChoice | undefined = await pickHosts(fleet, l10n.t('Check it for which hosts?'));
  return choice?.selector;
}

async function askName({ name, title, method, url }: FileRequest, fleet: Fleet): Promise<string | undefined> {
  const known = fleet.inventory?.section(checks);
  const words = (name ?? title) || `${method} ${url.replace(/^[a-z]+:\/\/[^/]*/i, '')}`;
  const typed = await window.showInputBox({
    title: l10n.t('Save as Check'),
    prompt: l10n.t('What is the check called?'),
    value: words
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60),
    validateInput: (text) =>
      known?.has(text.trim()) ? l10n.t('There is a check of that name.') : labelProblem(text.trim()),
  });
  return typed?.trim() || undefined;
}
