import { configureLanguage } from './l10n';
import { runProgram } from './program';

configureLanguage(process.env);
void runProgram(process.argv.slice(2)).then((status) => {
  // Not exit(): what is still in the output must reach its reader.
  process.exitCode = status;
});
