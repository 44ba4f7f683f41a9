import { Argument, type Command, Option } from 'commander';
import type { DefineCommands } from '../defineCommand';
import { exitStatus } from '../exitStatus';
import { t } from '../l10n';
import type { CommonOptions } from '../options';
import type { NamesOptions } from './names';
import { scripts } from './scripts';

interface CompletionOptions extends CommonOptions {
  names?: NamesOptions['names'];
}

/** `muster completion` of all that `program` has. What its scripts do not know they ask it for with `--names`. */
export const completionCommand =
  (program: () => Command): DefineCommands =>
  (define) => {
    const command: Command = define<CompletionOptions>(
      'completion',
      t('Print a script that completes command lines.'),
      async ([shell], { names, ...options }) => {
        if (names !== undefined) return (await import('./names.part')).names([], { ...options, names });
        const script = scripts.get(shell ?? '');
        if (script === undefined) return command.error("error: missing required argument 'shell'");
        process.stdout.write(script(program()));
        return exitStatus.ok;
      },
    )
      .addArgument(new Argument('[shell]', t('the shell')).choices([...scripts.keys()]))
      .addOption(new Option('--names <kind>').hideHelp());
  };
