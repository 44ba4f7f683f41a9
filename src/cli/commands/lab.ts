import { once } from 'node:events';
import { startLab } from '../../lab/startLab';
import { exitStatus } from '../exitStatus';
import type { LabFlags } from '../flags';
import { print, printLine } from '../output/print';

/** Runs until Ctrl-C or TERM, with `--json` also until standard input closes, as it does when the parent dies. */
export async function lab({ json, ...options }: LabFlags): Promise<void> {
  const end = new AbortController();
  const onSignal = () => end.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  if (json && !process.stdin.isTTY) process.stdin.on('end', onSignal).on('close', onSignal).resume();
  const ended = end.signal.aborted ? Promise.resolve() : once(end.signal, 'abort');

  const started = await startLab({ ...options, signal: end.signal });
  try {
    const { directory: workspace, inventoryFile: inventory, hosts, sick } = started;
    if (json) printLine({ workspace, inventory, hosts: hosts.length, sick });
    else await print(introduction(workspace, hosts.length));
    await ended;
  } finally {
    await started.stop();
  }
  process.exitCode = exitStatus.healthy;
}

function introduction(workspace: string, hosts: number): string {
  return `The lab is up: ${hosts} hosts on this machine's loopback, some of them sick on purpose.

  cd ${workspace}
  muster check
  muster run all -- uname -sr
  muster run role=web --diff -- 'hostname; cat motd'

Break a host with:  touch broken/web-01   and mend it with:  rm broken/web-01
Ctrl-C stops the lab and removes the folder.
`;
}
