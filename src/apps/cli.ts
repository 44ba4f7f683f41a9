import { checkCommand } from '../features/checks/cli/program';
import { etcdCommands } from '../features/etcd/cli/program';
import { labCommand } from '../features/lab/cli/program';
import { logsCommand } from '../features/logs/cli/program';
import { profileCommands } from '../features/profiles/cli/program';
import { runCommand } from '../features/runs/cli/program';
import { hostsCommand } from '../shell/cli/hosts/program';
import { configureLanguage } from '../shell/cli/l10n';
import { runProgram } from '../shell/cli/program';

const fleet = () => import('./fleet.part');

/** The commands of `muster`, in the order of its help. */
const commands = [
  hostsCommand(fleet),
  checkCommand(fleet),
  runCommand(fleet),
  logsCommand,
  labCommand,
  etcdCommands,
  profileCommands,
];

configureLanguage(process.env);
void runProgram(process.argv.slice(2), commands).then((status) => {
  // Not exit(): what is still in the output must reach its reader.
  process.exitCode = status;
});
