import { availableParallelism } from 'node:os';
import type { SshThreadOptions } from '../../../platform/transport/ssh/threads/sshThreads';
import { bundleBeside } from '../buildFacts';
import { t } from '../l10n';
import { readCount } from '../options';
import { UsageError } from '../exitStatus';

const mostThreads = 16;
/** Chosen by itself: more of them wait for the one that has all of the output. */
const mostByItself = 4;
/** With fewer hosts a batch is over before threads have compiled what they run. */
const fewestHosts = 100;

/** What `--ssh-threads` says; undefined is for the number of hosts and processors to decide. @throws UsageError */
export function readSshThreads(text: string): number | undefined {
  return text === 'auto' ? undefined : readCount(text, '--ssh-threads', mostThreads);
}

/** How many threads commands on so many hosts are run in, by default none where they would not help. */
export function sshThreadCount(
  asked: number | undefined,
  hosts: number,
  processors = availableParallelism(),
): number {
  if (asked !== undefined) return asked;
  // Two processors are busy with one thread and with what the system does for it.
  return processors > 2 && hosts >= fewestHosts ? Math.min(mostByItself, processors - 1) : 0;
}

/** @throws UsageError where they were asked for and this build has none */
export function sshThreads(asked: number | undefined, hosts: number): SshThreadOptions | undefined {
  const count = sshThreadCount(asked, hosts);
  if (count === 0) return undefined;
  const file = bundleBeside('ssh.worker.js');
  if (file !== undefined) return { file, count };
  if (asked === undefined) return undefined;
  throw new UsageError(t('--ssh-threads: the single executable has no threads; the npm package has them'));
}
