/** Quotes one word for a POSIX shell, and for the others that a user may log in to: zsh, fish and csh. */
export function shellQuote(word: string): string {
  return /^[\w@:,./-][\w@%+=:,./-]*$/.test(word) ? word : quotedWord(word);
}

/** The word in quotes, whatever it holds: to fish a backslash means something inside of them, to csh a `!`. */
export function quotedWord(word: string): string {
  return `'${word.replace(/[\\'!]/g, (character) => `'\\${character}'`)}'`;
}

/** A path with its wildcards as a word of sh: everything else stands for itself, but for a `~` that it begins with. */
export function globWord(path: string): string {
  const word = path.replace(/[^\w./*?[\]~!-]/g, (character) => `\\${character}`);
  return path.startsWith('~') ? word : word.replaceAll('~', '\\~');
}
