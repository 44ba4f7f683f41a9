import { fstat } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { shellQuote } from '../../../platform/text/shellQuote';
import { type Lab, startLab } from '../core/startLab';
import type { Cli } from '../../../shell/cli/cli';
import { exitStatus, UsageError } from '../../../shell/cli/exitStatus';
import { hostCount, t } from '../../../shell/cli/l10n';
import type { CommonOptions } from '../../../shell/cli/options';
import type { Colors } from '../../../shell/cli/output/outputStream';

export interface LabCommandOptions extends CommonOptions {
  hosts?: string;
  sshd?: boolean;
  directory?: string;
}

/** Runs the lab until it is interrupted or, with `--json`, until whoever started it closes our standard input. */
export async function runLab(_: readonly string[], options: LabCommandOptions, cli: Cli): Promise<number> {
  const { terminal, interruption } = cli;
  const asJson = options.json || options.ndjson;
  const count = options.hosts === undefined ? undefined : Number(options.hosts);
  if (Number.isNaN(count)) throw new UsageError(t('--hosts: "{0}" is not a number', options.hosts ?? ''));
  if (asJson && (await isPipe(process.stdin.fd)))
    process.stdin.resume().once('close', () => interruption.stop(exitStatus.ok, 'standard input was closed'));
  const lab = await startLab({
    hosts: count,
    sshd: options.sshd ?? false,
    directory: options.directory === undefined ? undefined : path.resolve(cli.cwd, options.directory),
    signal: interruption.signal,
  });
  await terminal.stdout.write(asJson ? readyLine(lab) : introduction(lab, terminal.stdout.colors));
  if (!interruption.signal.aborted) await once(interruption.signal, 'abort');
  await lab.stop();
  process.stdin.destroy();
  return exitStatus.ok;
}

/** Whether somebody holds the other end of our input, and may close it. */
async function isPipe(fd: number): Promise<boolean> {
  const stats = await promisify(fstat)(fd);
  return stats.isFIFO() || stats.isSocket();
}

function readyLine({ directory, inventoryFile, hosts, sick }: Lab): string {
  return `${JSON.stringify({ workspace: directory, inventory: inventoryFile, hosts: hosts.length, sick })}\n`;
}

function introduction({ directory, hosts, sick }: Lab, colors: Colors): string {
  const names = compactHostSet(hosts.map(({ name }) => name));
  const sickHosts = compactHostSet([...new Set(sick.map(({ host }) => host))]);
  return [
    t('The lab is up: {0}, {1}.', hostCount(hosts.length), names),
    t('Sick on purpose: {0}.', sickHosts),
    '',
    t('In another terminal:'),
    ...[
      `cd ${shellQuote(directory)}`,
      'muster check',
      'muster run web -- uptime',
      'muster run all --diff -- cat release',
      'touch broken/web-01',
    ].map((line) => `  ${colors.bold(line)}`),
    '',
    t('Ctrl-C stops the lab and removes its folder.'),
    '',
  ].join('\n');
}
