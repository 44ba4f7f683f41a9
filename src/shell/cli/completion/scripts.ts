import type { Command } from 'commander';
import { quotedWord } from '../../../platform/text/shellQuote';
import bash from './muster.bash';
import fish from './muster.fish';
import posix from './muster.sh';
import zsh from './muster.zsh';
import { rowsOf } from './rows';

/** What prints the script of each shell. */
export const scripts: ReadonlyMap<string, (root: Command) => string> = new Map([
  ['bash', (root: Command) => posixRows(root) + posix + bash],
  ['zsh', (root: Command) => `#compdef muster\n${posixRows(root)}${posix}${zsh}`],
  ['fish', (root: Command) => fishRows(root) + fish],
]);

/** Sets `rows` to those of the command whose path is given. */
function posixRows(root: Command): string {
  const cases = [...rowsOf(root)].map(([path, rows]) => {
    const text = `\n${rows.join('\n')}\n`.replaceAll("'", String.raw`'\''`);
    return `    ${quotedWord(path)}) rows='${text}' ;;\n`;
  });
  return `_muster_rows() {\n  case $1 in\n${cases.join('')}  esac\n}\n`;
}

function fishRows(root: Command): string {
  const cases = [...rowsOf(root)].map(([path, rows]) => {
    const words = rows.map((row) => `'${row.replace(/[\\']/g, String.raw`\$&`)}'`);
    return `    case '${path}'\n      printf '%s\\n' ${words.join(' ')}\n`;
  });
  return `function __muster_rows\n  switch "$argv[1]"\n${cases.join('')}  end\nend\n`;
}
