import { each, type Finder, matches } from './spans';

/** A word, or what is in quotes; a quote in a word ends it where it closes what is around the command. */
const word = `("[^"\\r\\n]*"|'[^'\\r\\n]*'|[^\\s"'“”$](?:[^\\s"'“”]|"(?![\\s,.;:)\\]}]|$)[^"\\s]{0,200}"|'(?![\\s,.;:)\\]}]|$)[^'\\s]{0,200}')*)`;
const gap = '(?:=|[ \\t]{1,8})';

/** Options whose values are secrets, whatever program they are for. */
const options = [
  new RegExp(
    `(?<![\\w-])--?(?:[a-z\\d]{1,32}-){0,4}(?:password|passwd|passphrase|token|secret|api-?key|access-key|secret-key|proxy-auth|proxy-user|requirepass)${gap}${word}`,
    'gi',
  ),
  /(?<![\w-])--(?:user|login)(?:=|[ \t]{1,8})[^\s"':=]{1,100}:([^\s"']+)/g,
  /(?<![\w-])-?pass(?:in|out)?[ =]{1,2}pass:([^\s"'“”]+)/g,
  /\bjdbc:oracle:\w{2,8}:[^\s/@"']{1,64}\/([^\s/@"']{1,128})(?=@)/gi,
];

/** Short options of programs whose values are secrets; a program is looked for up to the end of its command. */
const programs: readonly (readonly [program: RegExp, secret: RegExp])[] = [
  [/\b(?:curl|wget)\b/, /[ \t]-[uU][ \t]{0,8}["']?[^\s"':]{1,100}:([^\s"'$][^\s"']*)/g],
  [
    /\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mariadb|mariadb-dump)\b/,
    /[ \t]-p([^\s"'-][^\s"']*|"[^"\r\n]*"|'[^'\r\n]*')/g,
  ],
  [/\bredis-cli\b/, new RegExp(`[ \\t]-a[ \\t]{1,8}${word}`, 'g')],
  [/\bsshpass\b/, new RegExp(`[ \\t]-p[ \\t]{0,8}${word}`, 'g')],
  [
    /\b(?:docker|podman|helm)\b.{0,40}\blogin\b|\b(?:mongo|mongosh|mongodump|rabbitmqadmin)\b/,
    new RegExp(`[ \\t]-p[ \\t]{1,8}${word}`, 'g'),
  ],
  [/\b(?:ldapsearch|ldapmodify|ldapadd|ldapwhoami)\b/, new RegExp(`[ \\t]-w[ \\t]{0,8}${word}`, 'g')],
  [/\b(?:sqlcmd|ipmitool)\b/, new RegExp(`[ \\t]-P[ \\t]{0,8}${word}`, 'g')],
  [/\b(?:smbclient|rpcclient)\b/, /[ \t]-U[ \t]{0,8}[^\s"'%]{1,100}%([^\s"']+)/g],
  [/\bsqlplus\b/, /[ \t][^\s/"'@-][^\s/"'@]{0,64}\/([^\s"'@]+)/g],
  [/\bxfreerdp\b/, /[ \t]\/p:(\S+)/g],
];
const command = /[^\n|;&]+/g;
const anyProgram =
  /curl|wget|mysql|mariadb|redis-cli|sshpass|login|mongo|rabbitmq|ldap|sqlcmd|ipmitool|smbclient|rpcclient|sqlplus|xfreerdp/;

/** What command lines give to their programs. */
export const commandSecrets: readonly Finder[] = [
  ...options.map(matches),
  function* (text) {
    if (!anyProgram.test(text)) return;
    for (const { index, 0: line } of each(command, text))
      for (const [program, secret] of programs) {
        const named = program.exec(line);
        if (!named) continue;
        const given = line.slice(named.index);
        for (const [start, end] of matches(secret)(given))
          yield [index + named.index + start, index + named.index + end];
      }
  },
];
