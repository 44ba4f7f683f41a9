// The man page of `muster`, in the language that groff and mandoc read, from what the commands say about themselves.

/** Text as it is: no backslash, no hyphen and no beginning of a line means anything else. */
const plain = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replaceAll('’', '\\(cq')
    .replaceAll('“', '\\(lq')
    .replaceAll('”', '\\(rq')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replace(/^\./gm, '\\&.');
const bold = (text) => `\\fB${plain(text)}\\fR`;

/** A term with what it means below it. */
const entry = (term, meaning) => ['.TP', term, plain(meaning) || '\\&'];

/** `-i, --inventory <file>`, with what is typed as it is in bold. */
const optionTerm = ({ flags }) =>
  flags
    .split(/(<[^>]*>|\[[^\]]*\])/)
    .map((part) =>
      /^[<[]/.test(part) ? `\\fI${plain(part.slice(1, -1))}\\fR` : part.replace(/-[\w-]+/g, bold),
    )
    .join('');

/** The commands that do something, with their whole names. */
function leavesOf(command, path = command.name()) {
  const below = command.commands.flatMap((one) => leavesOf(one, `${path} ${one.name()}`));
  return below.length > 0 ? below : [{ command, path }];
}

function sectionOf({ command, path }) {
  const help = command.createHelp();
  const operands = help.visibleArguments(command);
  return [
    `.SS ${plain(`${path} ${command.usage()}`)}`,
    plain(command.description()),
    ...operands.flatMap((operand) =>
      entry(`\\fI${plain(operand.name())}\\fR`, help.argumentDescription(operand)),
    ),
    ...help
      .visibleOptions(command)
      .flatMap((option) => entry(optionTerm(option), help.optionDescription(option))),
  ];
}

/** @param date of the commit, as YYYY-MM-DD, or null */
export function manPage(program, version, date) {
  const help = program.createHelp();
  const lines = [
    `.TH MUSTER 1 "${date ?? ''}" "muster ${plain(version)}" "User Commands"`,
    '.SH NAME',
    `muster \\- ${plain(
      program
        .description()
        .replace(/^\w/, (letter) => letter.toLowerCase())
        .replace(/\.$/, ''),
    )}`,
    '.SH SYNOPSIS',
    `.B muster\n${plain(program.usage())}`,
    '.SH OPTIONS',
    ...help
      .visibleOptions(program)
      .flatMap((option) => entry(optionTerm(option), help.optionDescription(option))),
    '.SH COMMANDS',
    ...leavesOf(program).flatMap(sectionOf),
    '.SH EXIT STATUS',
    ...entry('0', 'All healthy or ok.'),
    ...entry('1', 'Something is not.'),
    ...entry('2', 'Nothing was run: wrong arguments, or an inventory that is not used.'),
    ...entry('70', 'A fault of Muster itself.'),
    ...entry('74', 'The output cannot be written.'),
    ...entry('129, 130, 143', 'It was ended by a signal.'),
    ...entry('141', 'Whoever read the output has gone.'),
    '.SH FILES',
    ...entry(bold('muster.yaml'), 'The inventory, searched upwards from the working folder.'),
  ];
  return `${lines.join('\n')}\n`;
}
