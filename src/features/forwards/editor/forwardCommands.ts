import { env, l10n, Uri, window } from 'vscode';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { pickHost } from '../../../shell/editor/commands/pickHost';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import { ForwardRow } from './forwardRow';
import type { Forward } from './forward';
import type { Forwards } from './forwards';
import { loopback, readForwardTarget, targetText } from './forwardTarget';

/** Opening, using and ending forwarded ports. */
export class ForwardCommands {
  constructor(
    private readonly fleets: Fleets,
    private readonly forwards: Forwards,
  ) {}

  readonly start = async (node?: HostsNode): Promise<void> => {
    const place = placeOf(node) ?? (await pickHost(this.fleets, l10n.t('Forward a port of which host?')));
    if (!place) return;
    const { fleet, host } = place;
    const text = await window.showInputBox({
      title: l10n.t('Forward a port of {0}', host),
      prompt: l10n.t(
        'A port of the host, or an address that it reaches. A local port may come first, as with ssh -L.',
      ),
      placeHolder: '8080 · 9000:8080 · db.internal:5432 · 9000:db.internal:5432',
      validateInput: (typed) =>
        typed.trim() === '' || readForwardTarget(typed)
          ? undefined
          : l10n.t('Write a port, or address:port, as in 8080, 9000:8080 or db.internal:5432.'),
    });
    const target = text === undefined ? undefined : readForwardTarget(text);
    if (!target) return;
    const forward = await this.forwards.start(fleet, host, target);
    const open = l10n.t('Open in Browser');
    const copy = l10n.t('Copy URL');
    const words = [targetText(target), host, forward.port.port] as const;
    const message =
      target.address === loopback
        ? l10n.t('Port {0} of {1} is at localhost:{2}.', ...words)
        : l10n.t('{0}, as {1} reaches it, is at localhost:{2}.', ...words);
    const choice = await window.showInformationMessage(message, open, copy);
    if (choice === open) await openUrl(forward);
    else if (choice === copy) await copyUrl(forward);
  };

  readonly openInBrowser = (node?: HostsNode): Promise<void> => this.with(node, openUrl);

  readonly copyUrl = (node?: HostsNode): Promise<void> => this.with(node, copyUrl);

  readonly stop = (node?: HostsNode): Promise<void> => this.with(node, (forward) => forward.close());

  readonly stopAll = (): Promise<void> => this.forwards.closeAll();

  /** Of the row, or of the one that the user picks. */
  private async with(node: HostsNode | undefined, work: (forward: Forward) => Promise<void>): Promise<void> {
    const forward = forwardOf(node) ?? (await this.pick());
    if (forward) await work(forward);
  }

  private async pick(): Promise<Forward | undefined> {
    const items = this.forwards.all.map((forward) => ({
      label: `localhost:${forward.port.port}`,
      description: `${forward.host} · ${targetText(forward.target)}`,
      forward,
    }));
    if (items.length === 0) {
      await window.showInformationMessage(l10n.t('No port is forwarded.'));
      return undefined;
    }
    return (await window.showQuickPick(items, { title: l10n.t('Which forwarded port?') }))?.forward;
  }
}

function placeOf(node: HostsNode | undefined): { fleet: Fleet; host: string } | undefined {
  return node && 'host' in node ? { fleet: node.fleet, host: node.host.name } : undefined;
}

function forwardOf(node: HostsNode | undefined): Forward | undefined {
  return node?.kind === 'branch' && node.row instanceof ForwardRow ? node.row.forward : undefined;
}

/** As the user's browser reaches it, which in a remote window is not this machine's port. */
async function urlOf({ port }: Forward): Promise<Uri> {
  return env.asExternalUri(Uri.parse(`http://127.0.0.1:${port.port}/`));
}

async function openUrl(forward: Forward): Promise<void> {
  await env.openExternal(await urlOf(forward));
}

async function copyUrl(forward: Forward): Promise<void> {
  await env.clipboard.writeText((await urlOf(forward)).toString());
}
