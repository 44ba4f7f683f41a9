import { posix } from 'node:path';
import { runMuster } from '../../../shell/editor/commands/musterCommands';
import { l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import { Deadline } from '../../../platform/batch/deadline';
import { MusterError } from '../../../platform/errors/errors';
import type { Host } from '../../../platform/inventory/model';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { sizeText } from '../../../shell/editor/text/sizeText';
import { pickHost } from '../../../shell/editor/commands/pickHost';
import { hostNamesOf, type HostsNode } from '../../../shell/editor/hosts/hostNodes';
import type { LogOrder } from './panel/logOrder';

interface HostFile {
  fleet: Fleet;
  host: Host;
  path: string;
}

/** Asks for a file on a host, which is then read where it is. */
export async function pickHostFile(fleets: Fleets, node?: HostsNode): Promise<LogOrder | undefined> {
  const picked = await pickFile(fleets, node, l10n.t('Open which log?'));
  return (
    picked && {
      ...{ inventory: picked.fleet.id, hosts: [picked.host.name], sources: [], origin: undefined },
      ...{ file: picked.path, start: 'recent', at: undefined },
    }
  );
}

/** Copies a file of a host to where the user says: with progress, and whether it arrived whole. */
export async function downloadFromHost(fleets: Fleets, node?: HostsNode): Promise<void> {
  const picked = await pickFile(fleets, node, l10n.t('Download which file?'));
  if (!picked) return;
  const { fleet, host, path } = picked;
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const name = `${host.name}-${posix.basename(path)}`;
  const target = await window.showSaveDialog({
    title: l10n.t('Download {0}', path),
    ...(folder && { defaultUri: Uri.joinPath(folder, name) }),
  });
  if (!target) return;
  if (target.scheme !== 'file')
    throw new MusterError('USAGE', l10n.t('A file is downloaded to this machine only.'));
  const title = l10n.t('Downloading {0} of {1}', posix.basename(path), host.name);
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  const downloaded = await window.withProgress(options, async (progress, token) => {
    const cancel = new AbortController();
    const cancelled = token.onCancellationRequested(() =>
      cancel.abort(new MusterError('CANCELLED', l10n.t('The download was cancelled.'))),
    );
    const deadline = new Deadline(0, cancel.signal);
    let last = 0;
    try {
      return await fleet.use((core) =>
        core.logs.download(host, path, target.fsPath, {
          deadline,
          onProgress: ({ done, total }) => {
            const share = total === 0 ? 100 : (done / total) * 100;
            progress.report({ increment: share - last, message: `${sizeText(done)} / ${sizeText(total)}` });
            last = share;
          },
        }),
      );
    } finally {
      cancelled.dispose();
      deadline.dispose();
    }
  });
  const size = sizeText(downloaded.bytes);
  const open = l10n.t('Open as Log');
  const text = downloaded.verified
    ? l10n.t('{0} downloaded, and its checksum is that of the host.', size)
    : l10n.t('{0} downloaded; the host has no sha256sum to compare with.', size);
  if ((await window.showInformationMessage(text, open)) === open) await runMuster('muster.openAsLog', target);
}

async function pickFile(
  fleets: Fleets,
  node: HostsNode | undefined,
  title: string,
): Promise<HostFile | undefined> {
  const names = node ? hostNamesOf(node) : [];
  const pick =
    node && names.length === 1
      ? { fleet: node.fleet, host: names[0]! }
      : await pickHost(fleets, l10n.t('On which host?'));
  const host = pick?.fleet.inventory?.hosts.get(pick.host);
  if (!pick || !host) return undefined;
  const path = await window.showInputBox({
    title,
    prompt: l10n.t('The path on {0}, as /var/log/syslog', host.name),
    validateInput: (text) =>
      text.trim() === '' || text.trim().startsWith('/')
        ? undefined
        : l10n.t('Write a path that begins with /.'),
  });
  return path?.trim() ? { fleet: pick.fleet, host, path: path.trim() } : undefined;
}
