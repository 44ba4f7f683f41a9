import { checkCommand } from '../features/checks/cli/program';
import { copyCommand, fetchCommand } from '../features/copy/cli/program';
import { driftCommand } from '../features/drift/cli/program';
import { etcdCommands } from '../features/etcd/cli/program';
import { httpCommand } from '../features/http/cli/program';
import { labCommand } from '../features/lab/cli/program';
import { logsCommand } from '../features/logs/cli/program';
import { metricsCommand } from '../features/metrics/cli/program';
import { profileCommands } from '../features/profiles/cli/program';
import { runCommand } from '../features/runs/cli/program';
import { serveCommand } from '../features/serve/cli/program';
import { sshCommand } from '../features/terminals/cli/program';
import { completionCommand } from '../shell/cli/completion/program';
import { hostsCommand } from '../shell/cli/hosts/program';
import { programOf, type ProgramParts } from '../shell/cli/program';

/** The commands of `muster` by their names, in the order of its help. */
export const commands: ProgramParts = {
  hosts: hostsCommand,
  check: checkCommand,
  run: runCommand,
  copy: copyCommand,
  fetch: fetchCommand,
  drift: driftCommand,
  ssh: sshCommand,
  logs: logsCommand,
  http: httpCommand,
  metrics: metricsCommand,
  serve: serveCommand,
  lab: labCommand,
  etcd: etcdCommands,
  profile: profileCommands,
  completion: completionCommand(() => programOf(commands)),
};
