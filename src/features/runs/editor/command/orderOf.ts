import { l10n, type WorkspaceFolder, Uri, workspace } from 'vscode';
import { MusterError } from '../../../../platform/errors/errors';
import { refuseReadOnly } from '../../../../platform/inventory/readOnly';
import type { Fleet } from '../../../../shell/editor/fleets/fleet';
import type { RunOrder } from '../fleetRuns';
import { fleetNamed } from '../../../../shell/editor/commands/fleetNamed';
import { choiceBySelector } from '../../../../shell/editor/commands/hostChoice';
import { openScript, type Script } from './openScript';
import type { RunArguments } from '../../../../shell/editor/commands/runArguments';
import { controlOf } from '../../../../shell/editor/commands/runChoices';
import { isAbsolute } from 'node:path';

/**
 * What complete arguments order, with nothing asked.
 * @throws MusterError USAGE when they leave something open or name what is not there, READ_ONLY
 */
export async function orderOf(
  { selector, command, script, inventory, sudo, become, choices }: RunArguments,
  fleets: readonly Fleet[],
  folder?: WorkspaceFolder,
): Promise<RunOrder> {
  if (selector === undefined) throw missing('selector');
  if (command === undefined && script === undefined) throw missing('command');
  const fleet = fleetNamed(fleets, { inventory, folder: folder?.uri.toString() });
  if (!fleet) throw missing('inventory');
  const choice = await choiceBySelector(fleet, selector);
  refuseReadOnly(choice.hosts);
  const opened = await scriptOf(script, folder);
  return {
    ...choice,
    request: {
      ...(opened ? { script: opened.script } : { command: [command!] }),
      ...(sudo && { sudo }),
      ...(become && { become: {} }),
    },
    ...(opened && { label: opened.label }),
    options: controlOf(choices),
  };
}

/** The script at a path, if there is one. @throws MusterError USAGE */
export async function scriptOf(path?: string, folder?: WorkspaceFolder): Promise<Script | undefined> {
  return path === undefined ? undefined : openScript(scriptFile(path, folder));
}

function missing(key: string): MusterError {
  return new MusterError('USAGE', l10n.t('The argument “{0}” is missing.', key));
}

/** The script that a path means, absolute or below the folder. @throws MusterError USAGE */
function scriptFile(path: string, folder?: WorkspaceFolder): Uri {
  if (isAbsolute(path)) return Uri.file(path);
  const root = folder ?? workspace.workspaceFolders?.[0];
  if (root) return Uri.joinPath(root.uri, path);
  throw new MusterError(
    'USAGE',
    l10n.t('“{0}” is below no folder: open one, or write the whole path.', path),
  );
}
