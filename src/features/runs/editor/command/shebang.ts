/** For languages whose files often have no first line that says so; anything else is for `sh`. */
const interpreters: Record<string, string> = {
  python: '#!/usr/bin/env python3',
  javascript: '#!/usr/bin/env node',
  perl: '#!/usr/bin/env perl',
  ruby: '#!/usr/bin/env ruby',
  php: '#!/usr/bin/env php',
  lua: '#!/usr/bin/env lua',
};

/**
 * The text as a script for hosts: with its own shebang, else that of its file, else one for its language. Line ends
 * are those of Unix, since a shell takes a carriage return for a character of the command.
 */
export function withShebang(text: string, firstLineOfFile: string, languageId: string): string {
  const script = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  if (script.startsWith('#!')) return script;
  const first = firstLineOfFile.replace(/^\ufeff/, '').trimEnd();
  const shebang = first.startsWith('#!') ? first : interpreters[languageId];
  return shebang === undefined ? script : `${shebang}\n${script}`;
}
