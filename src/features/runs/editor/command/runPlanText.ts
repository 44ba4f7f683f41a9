import { l10n } from 'vscode';
import type { RunOptions } from '../../core/runBatch';
import type { RunControl } from '../../../../shell/editor/commands/runChoices';
import { batchSizes } from '../../../../platform/batch/fanOut';
import { compactHostSet } from '../../../../platform/inventory/selection/hostSet';
import type { BecomeSettings, Host } from '../../../../platform/inventory/model';
import { becomingOf } from '../../../../platform/transport/become/becomeCommand';
import { headText } from '../../../../shell/editor/documents/headText';
import { remoteCommand, type RunRequest } from '../../core/remoteCommand';

/** A run that was not made. */
export interface DryRun {
  selector: string;
  inventory: string;
  hosts: readonly Host[];
  /** Of the hosts those that would need their selector typed. */
  protectedHosts: readonly Host[];
  request: RunRequest;
  control: RunControl;
}

/** What would be run where, as text. @throws MusterError INVENTORY when the request itself is unusable */
export function runPlanText({
  selector,
  inventory,
  hosts,
  protectedHosts,
  request,
  control,
}: DryRun): string {
  const commandLine = remoteCommand(request);
  const sizes = batchSizes(hosts.length, control.serial);
  const rows: (readonly [string, string])[] = [
    [l10n.t('Dry run'), l10n.t('nothing was connected to')],
    [l10n.t('Command'), commandLine],
    ...(request.become ? [[l10n.t('User'), usersOf(hosts, request.become)] as const] : []),
    [l10n.t('Targets'), `${selector} (${hosts.length}: ${compactHostSet(hosts.map(({ name }) => name))})`],
    [l10n.t('Inventory'), inventory],
    ...(protectedHosts.length > 0
      ? [[l10n.t('Protected'), compactHostSet(protectedHosts.map(({ name }) => name))] as const]
      : []),
    ...(control.concurrency ? [[l10n.t('At a time'), String(control.concurrency)] as const] : []),
    ...(control.timeoutMs
      ? [[l10n.t('Limit'), l10n.t('{0} ms for each host', control.timeoutMs)] as const]
      : []),
    ...(control.maxFailures
      ? [[l10n.t('Failures'), l10n.t('{0} tolerated', shareText(control.maxFailures))] as const]
      : []),
    ...(sizes.length > 1
      ? [[l10n.t('Batches'), `${sizes.length}: ${sizes.slice(0, 20).join(', ')}`] as const]
      : []),
    ...(sizes.length > 1 && control.pauseMs
      ? [[l10n.t('Pause'), l10n.t('{0} ms between batches', control.pauseMs)] as const]
      : []),
    ...(control.retries
      ? [[l10n.t('Retries'), l10n.t('{0} where a host is not reached', control.retries)] as const]
      : []),
  ];
  return [
    headText(rows),
    ...batchBlocks(hosts, sizes),
    ...(request.script === undefined ? [] : [`──── ${l10n.t('standard input')} ────\n${request.script}`]),
    '',
  ].join('\n\n');
}

/** Who the command is run as. */
function usersOf(hosts: readonly Host[], become: BecomeSettings): string {
  const users = hosts.map((host) => becomingOf(host, become));
  return [...new Set(users.map(({ user, method }) => `${user} (${method})`))].join(', ');
}

function batchBlocks(hosts: readonly Host[], sizes: readonly number[]): string[] {
  let begun = 0;
  return sizes.map((size, index) => {
    const members = hosts.slice(begun, (begun += size));
    const title = sizes.length === 1 ? l10n.t('hosts') : l10n.t('batch {0}', index + 1);
    const width = Math.max(...members.map(({ name }) => name.length));
    const lines = members.map((host) => `${host.name.padEnd(width)}  ${reachedBy(host)}`);
    return [`──── ${title} (${size}) ────`, ...lines].join('\n');
  });
}

/** What the inventory says; ssh_config may add to it. */
function reachedBy({ address, ssh, transport }: Host): string {
  if (transport === 'local') return l10n.t('this machine');
  const user = ssh.user === undefined ? '' : `${ssh.user}@`;
  const port = ssh.port === undefined ? '' : `:${ssh.port}`;
  const jumps = ssh.proxyJump?.length ? ` ${l10n.t('via {0}', ssh.proxyJump.join(', '))}` : '';
  return user + address + port + jumps;
}

function shareText(share: NonNullable<RunOptions['maxFailures']>): string {
  return 'count' in share ? String(share.count) : `${share.percent}%`;
}
