import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostPlan } from './fleetPlan';
import type { HostShell } from './hostCommand';
import { labMarker } from './watchdog';
import { makeFolder } from '../../../platform/files/makeFolder';

/** Programs that make the hosts look like different machines; they stand first in PATH. */
const programs: Record<string, string> = {
  hostname: `#!/bin/sh
echo "$MUSTER_LAB_HOST"
`,
  // The columns of POSIX `df -P`; the share in use is a file that a visitor can change.
  df: `#!/bin/sh
used=$(cat "$HOME/disk-used-percent" 2>/dev/null)
case $used in ''|*[!0-9]*) used=0 ;; esac
blocks=41943040
echo 'Filesystem     1024-blocks     Used Available Capacity Mounted on'
printf '%-14s %11d %8d %9d %7d%% %s\\n' /dev/vda1 $blocks $((blocks / 100 * used)) $((blocks / 100 * (100 - used))) "$used" /
`,
};

/** Writes the programs that all hosts share. */
export async function writePrograms(directory: string): Promise<void> {
  await mkdir(directory);
  await Promise.all(
    Object.entries(programs).map(([name, text]) => writeFile(join(directory, name), text, { mode: 0o755 })),
  );
}

/** Makes the working folder of a host. Staging is a release ahead, so that `cat release` folds into two blocks. */
export async function createHostShell(
  plan: HostPlan,
  lab: { directory: string; programs: string; user: string },
): Promise<HostShell> {
  const directory = join(lab.directory, 'hosts', plan.name);
  await makeFolder(directory);
  await writeFile(join(directory, 'disk-used-percent'), `${plan.diskPercent}\n`);
  await writeFile(
    join(directory, 'release'),
    plan.labels.env === 'staging' ? 'shop 2.5.0-rc1\n' : 'shop 2.4.1\n',
  );
  return {
    directory,
    env: {
      HOME: directory,
      HOSTNAME: plan.name,
      LANG: 'C.UTF-8',
      LOGNAME: lab.user,
      PATH: `${lab.programs}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      SHELL: '/bin/sh',
      USER: lab.user,
      [labMarker]: lab.directory,
      MUSTER_LAB_HOST: plan.name,
      MUSTER_LAB_ROLE: plan.role,
    },
  };
}
