import { FileSystemError, l10n, MarkdownString, type Uri, workspace } from 'vscode';
import { protectedHosts } from '../../../shell/editor/prompts/protection';
import { defineSetting } from '../../../shell/editor/settings';
import type { Place } from './placeOfHostFile';
import { askBefore } from '../../../shell/editor/prompts/askBefore';

/** Whether files on hosts may be changed in this workspace. */
export const filesWriteSetting = defineSetting('files.write', (value) => value === true);

/** Why no file on any host can be changed, and what to do; false where they can be. */
export function readOnlyReason(): MarkdownString | false {
  if (filesWriteSetting.get() && workspace.isTrusted) return false;
  const settings = `command:workbench.action.openSettings?${encodeURIComponent('["@id:muster.files.write"]')}`;
  const reason = new MarkdownString(
    l10n.t('Files on hosts are read-only. Set [muster.files.write]({0}) to change them.', settings),
  );
  reason.isTrusted = { enabledCommands: ['workbench.action.openSettings'] };
  return reason;
}

/** Whether the host lets its files be changed, as far as the inventory says. */
export function isReadOnly({ host }: Pick<Place, 'host'>): boolean {
  return host.readOnly !== undefined;
}

/** Says before anything is changed whether it may be, asking where the host is protected. */
export class WritePolicy {
  private readonly allowed = new Set<string>();

  /** @throws FileSystemError NoPermissions */
  assertWritable({ host }: Pick<Place, 'host'>): void {
    if (!filesWriteSetting.get() || !workspace.isTrusted) {
      throw FileSystemError.NoPermissions(
        l10n.t('Files on hosts are read-only in this workspace: see the setting muster.files.write.'),
      );
    }
    if (host.readOnly) {
      throw FileSystemError.NoPermissions(
        l10n.t('{0} is read-only: the group “{1}” says so in muster.yaml.', host.name, host.readOnly.group),
      );
    }
  }

  /** @throws FileSystemError NoPermissions */
  async permit(place: Place, uri: Uri): Promise<void> {
    this.assertWritable(place);
    const { fleet, host, path } = place;
    const key = uri.toString();
    if (this.allowed.has(key)) return;
    const protection = await protectedHosts(fleet, [host]);
    if (protection.hosts.length > 0 && !(await ask(host.name, path, protection.selector))) {
      throw FileSystemError.NoPermissions(l10n.t('{0} on {1} was not changed.', path, host.name));
    }
    this.allowed.add(key);
  }
}

async function ask(host: string, path: string, selector: string): Promise<boolean> {
  const change = l10n.t('Change File');
  const question = l10n.t('Change {0} on the protected host {1}?', path, host);
  const detail = l10n.t(
    'muster.protectedSelector is “{0}”. For this file you are asked once in this window.',
    selector,
  );
  return (await askBefore(question, { refusal: l10n.t("Don't Change"), detail }, change)) === change;
}
