import { checkCommand } from '../features/checks/cli/program';
import { copyCommand, fetchCommand } from '../features/copy/cli/program';
import { etcdCommands } from '../features/etcd/cli/program';
import { labCommand } from '../features/lab/cli/program';
import { logsCommand } from '../features/logs/cli/program';
import { profileCommands } from '../features/profiles/cli/program';
import { runCommand } from '../features/runs/cli/program';
import { sshCommand } from '../features/terminals/cli/program';
import { completionCommand } from '../shell/cli/completion/program';
import { hostsCommand } from '../shell/cli/hosts/program';

const fleet = () => import('./fleet.part');

/** The commands of `muster`, in the order of its help. */
export const commands = [
  hostsCommand(fleet),
  checkCommand(fleet),
  runCommand(fleet),
  copyCommand,
  fetchCommand,
  sshCommand,
  logsCommand,
  labCommand,
  etcdCommands,
  profileCommands,
  completionCommand(fleet),
];
