/** Where a word that is quoted already would not stay one word. */
export type UnsafePlace =
  | 'singleQuotes'
  | 'doubleQuotes'
  | 'backticks'
  | 'hereDocument'
  | 'comment'
  | 'expansion'
  | 'backslash'
  | 'arithmetic'
  | 'test'
  | 'evaluation'
  | 'program'
  | 'stored'
  | 'variable'
  | 'subscript'
  | 'glob'
  | 'redirection'
  | 'case';

/** Placeholders by their number in the line. */
export interface PlaceholderRange {
  readonly from: number;
  readonly to: number;
}

/** A word of a simple command, or what it redirects to or from. */
export interface ShellWord extends PlaceholderRange {
  /** Without its quotes. */
  readonly text: string;
  readonly isTarget: boolean;
  /** The shell expands something in it. */
  readonly expands: boolean;
}

export interface CommandJudgement {
  readonly refused: readonly (PlaceholderRange & { readonly place: UnsafePlace })[];
  /** They become values of variables. */
  readonly stored: readonly PlaceholderRange[];
  /** The values of variables are evaluated once more. */
  readonly evaluatesVariables: boolean;
  /** Values of variables are, if they are kept in ones that the line sets. */
  readonly evaluatesStored: boolean;
}

/** After these another command begins. */
const beforeCommand =
  /^(?:if|then|elif|else|while|until|do|and|or|not|begin|always|noglob|nocorrect|[-!{}]|\[\[[^]*|\(\([^]*|.*\(\s*\))$/;
/** After these any word may be the name of the command. */
const prefixes = new Set('command builtin time coproc function repeat exec'.split(' '));
const assignment = /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/;

/** Commands of shells that evaluate their words once more, in at least one of them; with what, where not always. */
const evaluating = new Map<string, RegExp | undefined>([
  ...'eval source . trap let emulate declare typeset local private export readonly integer float nameref unset'
    .concat(
      ' read mapfile readarray getopts zparseopts wait compgen complete compopt alias abbr bind bindkey',
    )
    .concat(' enable functions history fc jobs zstyle zle zmodload zpty sched vared ulimit')
    .concat(' exit return shift break continue logout')
    .split(' ')
    .map((name) => [name, undefined] as const),
  // zsh evaluates the numbers of printf.
  ['printf', /^-\w*v|%[-+ #'\d.]*[^-+ #'\d.sbqc%]/],
  ['print', /^-\w*[vfPCS]/],
  ['set', /^[-+]\w*A/],
  ...['test', '['].map((name) => [name, /^-(?:[vRt]|eq|ne|lt|le|gt|ge)$/] as const),
]);
const alwaysEvaluating = /^(?:eval|source|\.|trap|let|emulate)$/;
const storing = /^(?:for|foreach|select|set)$/;

/** Variables that shells and programs run, load code from, or evaluate as a number when they are set. */
const sensitive = new RegExp(
  `^(?:${[
    'PS\\d|R?PROMPT\\d?|prompt|PROMPT_COMMAND|BASH_\\w+|ENV|ZDOTDIR|IFS|SHELL|SHELLOPTS|F?PATH|f?path|CDPATH|MODULE_PATH',
    'LD_\\w+|DYLD_\\w+|GIT_\\w+|EDITOR|VISUAL|FCEDIT|PAGER|MANPAGER|LESS\\w*|BROWSER|READNULLCMD|NULLCMD|SSH_ASKPASS',
    'PERL\\w*|PYTHON\\w*|RUBY\\w*|NODE_\\w+|JAVA_TOOL_OPTIONS|AWKPATH|AWKLIBPATH|LUA_\\w+|RSYNC_\\w+|TAR_OPTIONS|POSIXLY_CORRECT',
    'COLUMNS|LINES|SECONDS|RANDOM|SRANDOM|HIST\\w+|SAVEHIST|OPTIND|SHLVL|TMOUT|KEYTIMEOUT|LISTMAX|(?:MAIL|LOG)CHECK|BAUD',
    'FUNCNEST|DIRSTACKSIZE|REPORT\\w+|PERIOD|ERRNO|E?[UG]ID|TRY_BLOCK_\\w+|REPLY',
  ].join('|')})(?:\\[[^\\]]*\\])?\\+?=`,
);

interface Interpreter {
  /** Options that a program text follows. */
  readonly program: RegExp;
  /** Other options that a word follows. */
  readonly takes?: RegExp;
  /** Options count after other words, too. */
  readonly permutes?: boolean;
  /** Options whose words are no program text. */
  readonly plain?: RegExp;
  /** The first word that is no option is a host; what follows is the program. */
  readonly hasHost?: boolean;
}
const shell: Interpreter = { program: /^[-+]\w*c$/, takes: /^[-+]\w*[oO]$|^--(?:rcfile|init-file)$/ };
const script: Interpreter = { program: /^-\w*[ceEmpr]$|^--(?:eval|print|execute|run)$/ };
const awk: Interpreter = { program: /^-[fe]$|^--(?:file|source)$/, takes: /^-[Fvi]$/ };
const sed: Interpreter = { program: /^-\w*[ef]$|^--(?:expression|file)$/, permutes: true };
const remoteShell: Interpreter = {
  program: /(?!)/,
  plain: /^-\w*[pli]$/,
  takes: /^-\w*[bBcDeEFIJLmoOPQRSWw]$/,
  hasHost: true,
};
const interpreters = new Map<string, Interpreter>([
  ...'sh bash dash ash zsh ksh mksh fish csh tcsh'.split(' ').map((name) => [name, shell] as const),
  ...'perl python ruby node nodejs deno bun php lua Rscript'
    .split(' ')
    .map((name) => [name, script] as const),
  ...'awk gawk mawk nawk'.split(' ').map((name) => [name, awk] as const),
  ...'sed gsed'.split(' ').map((name) => [name, sed] as const),
  ...'ssh rsh slogin mosh'.split(' ').map((name) => [name, remoteShell] as const),
]);
/** Commands that hand their words to a shell; with what, where not always. */
const throughShell = new Map<string, RegExp | undefined>([
  ...'su runuser watch parallel'.split(' ').map((name) => [name, undefined] as const),
  ['env', /^-\w*S|^--split-string/],
  ...'flock script'.split(' ').map((name) => [name, /^-\w*c$|^--command/] as const),
]);
/** Commands that run what their words name. */
const wrappers = new Set(
  'sudo doas env nice ionice chrt nohup timeout xargs find setsid stdbuf taskset flock strace unshare nsenter chroot su'
    .concat(' runuser busybox systemd-run numactl setpriv gosu script ip fd parallel watch')
    .split(' '),
);

/** What a simple command does with the placeholders in its words. */
export function judgeCommand(all: readonly ShellWord[], whole: PlaceholderRange): CommandJudgement {
  const words = all.filter(({ isTarget }) => !isTarget);
  let at = 0;
  let isLoose = false;
  for (; at < words.length; at++) {
    const { text } = words[at]!;
    if (prefixes.has(text)) isLoose = true;
    else if (!beforeCommand.test(text) && !assignment.test(text) && !(isLoose && text.startsWith('-'))) break;
  }
  const refused = words
    .filter(({ text }) => sensitive.test(text))
    .map(({ from, to }): CommandJudgement['refused'][number] => ({ from, to, place: 'variable' }));
  const stored = storing.test(words[at]?.text ?? '') ? words : words.slice(0, at);
  let evaluatesVariables = false;
  let evaluatesStored = words.some(({ text, expands }) => expands && sensitive.test(text));

  const evaluator = words.findIndex(
    ({ text }, index) =>
      (index === at || (isLoose && index > at && (text !== '.' || words[index - 1]!.text === '{'))) &&
      evaluates(words, index),
  );
  if (evaluator >= 0) {
    refused.push({ ...whole, place: 'evaluation' });
    const rest = words.slice(evaluator);
    evaluatesVariables =
      alwaysEvaluating.test(rest[0]!.text) ||
      (rest.some(({ text }) => /^-\w*[vRt]$/.test(text)) && rest.some(({ expands }) => expands));
    evaluatesStored ||= rest.some(({ expands }) => expands);
  }
  const start = words.findIndex((_, index) => index >= at && runsProgram(words, at, index, isLoose));
  if (start >= 0) {
    const program = programWords(all.slice(all.indexOf(words[start]!)));
    refused.push(...program.map(({ from, to }) => ({ from, to, place: 'program' as const })));
    evaluatesStored ||= program.some(({ expands }) => expands);
  }
  return { refused, stored, evaluatesVariables, evaluatesStored };
}

function evaluates(words: readonly ShellWord[], index: number): boolean {
  const { text } = words[index]!;
  const using = evaluating.get(text);
  if (using) return words.slice(index + 1).some((word) => using.test(word.text));
  return evaluating.has(text);
}

/** The name of a program without its folder and version. */
const nameOf = ({ text }: ShellWord): string => text.replace(/^.*\//s, '').replace(/[\d.]+$/, '');

function runsProgram(words: readonly ShellWord[], at: number, index: number, isLoose: boolean): boolean {
  const name = nameOf(words[index]!);
  const isRun =
    index === at ||
    isLoose ||
    wrappers.has(nameOf(words[at]!)) ||
    words[index - 1]!.text === '--' ||
    interpreters.get(name)?.program.test(words[index + 1]?.text ?? '-');
  if (!isRun) return false;
  const using = throughShell.get(name);
  if (using) return words.slice(index + 1).some(({ text }) => using.test(text));
  return interpreters.has(name) || throughShell.has(name);
}

/** The words that are, or could be, program text to the interpreter that is the first of them. */
function programWords([first, ...rest]: readonly ShellWord[]): ShellWord[] {
  const interpreter = interpreters.get(nameOf(first!));
  if (!interpreter) return rest;
  const words = rest.filter(({ isTarget }) => !isTarget);
  // Whatever stands before -c may be the word of an option that is not known here.
  const start = interpreter === shell ? words.findIndex(({ text }) => shell.program.test(text)) + 1 : 0;
  const found = words.slice(0, start);
  let previous = start > 0 ? '-c' : '';
  let hasProgram = false;
  let hasOperand = false;
  for (const word of words.slice(start)) {
    if (word.text === '--') continue;
    const isOption = /^[-+]./.test(word.text);
    if (interpreter.plain?.test(previous)) {
      previous = '';
      continue;
    }
    const followsProgram = !isOption && interpreter.program.test(previous);
    const isOperand = !isOption && !followsProgram && !interpreter.takes?.test(previous);
    const isHost = interpreter.hasHost && isOperand && !hasOperand;
    const isArgument = hasProgram && (isOperand || (hasOperand && !interpreter.permutes && !followsProgram));
    if (!isHost && (!isArgument || interpreter.hasHost)) found.push(word);
    hasProgram ||= followsProgram || isOperand;
    hasOperand ||= isOperand;
    previous = hasOperand && !interpreter.permutes ? '' : word.text;
  }
  // Without one the program is read from the standard input.
  return hasProgram ? found : [...found, ...rest.filter(({ isTarget }) => isTarget)];
}
