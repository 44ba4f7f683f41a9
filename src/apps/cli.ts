import { configureLanguage } from '../shell/cli/l10n';
import { runProgram } from '../shell/cli/program';
import { commands } from './commands';

void configureLanguage(process.env, { core: false })
  .then(() => runProgram(process.argv.slice(2), commands))
  .then((status) => {
    // Not exit(): what is still in the output must reach its reader.
    process.exitCode = status;
  });
