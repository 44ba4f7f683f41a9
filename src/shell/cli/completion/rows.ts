import type { Argument, Command, Option } from 'commander';

/**
 * What the scripts know about a command, as lines of `name|value|description` by the path of the command:
 *
 *     ''         check||Check the health of hosts.
 *     'check'    --check|check...|only these checks
 *     'check'    #*|selector|
 *
 * The name is that of a subcommand, of an option, or `#1` for the first operand and `#*` for all that follow. The value is
 * how help calls it, with dots where there may be several, or `=one,other` where these are all.
 */
export function rowsOf(root: Command): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  const add = (command: Command, path: string) => {
    const help = command.createHelp();
    const subcommands = command.commands.length > 0 ? help.visibleCommands(command) : [];
    rows.set(path, [
      ...subcommands.map((one) => row(one.name(), '', one.description())),
      ...help.visibleOptions(command).flatMap(rowsOfOption),
      ...command.registeredArguments.map(rowOfOperand),
      // What comes after `--` is not for us.
      ...(command.usage().includes(' -- ') ? [row('--', 'other...', '')] : []),
    ]);
    for (const one of subcommands) add(one, `${path} ${one.name()}`.trim());
  };
  add(root, '');
  return rows;
}

function rowsOfOption(option: Option): string[] {
  const { short, long, variadic, required, description } = option;
  const placeholder = /<([^>.]+)/.exec(option.flags)?.[1] ?? '';
  const value = required ? (choicesOf(option) ?? placeholder) + (variadic ? '...' : '') : '';
  return [long, short].filter((name) => name !== undefined).map((name) => row(name, value, description));
}

function rowOfOperand(operand: Argument, index: number): string {
  const name = operand.variadic ? '#*' : `#${index + 1}`;
  return row(name, choicesOf(operand) ?? operand.name(), operand.description);
}

const choicesOf = ({ argChoices }: Argument | Option) => argChoices && `=${argChoices.join(',')}`;

const row = (name: string, value: string, description: string) => `${name}|${value}|${description}`;
