/** Inputs for comparing how Muster and `ssh -G` read an ssh_config. */

export interface Configuration {
  text: string;
  /** For whom it is read. */
  hosts: readonly string[];
  /** OpenSSH refuses it. */
  refused?: boolean;
}

/** What lies in ~/.ssh, for `Include`. */
export const included: Record<string, string> = {
  'conf.d/a1.conf': 'Host g1\n HostName 10.0.1.1\n Port 2301\n',
  'conf.d/a2.conf': 'Host g2 web*\n HostName 10.0.1.2\n Port 2302\n',
  'conf.d/a-b.conf': 'Host g1\n User dash\n',
  'conf.d/b1.conf': 'Match host 10.0.*\n User matched\nHost *\n User rest\n IdentityFile /keys/b1\n',
  'conf.d/with space.conf': 'Port 2400\nHost g2\n User spaced\n',
  'conf.d/.hidden.conf': 'User hidden\nPort 666\n',
  'conf.d/[x].conf': 'User bracket\n',
  'conf.d/nested.conf': 'Include conf.d/a[12].conf\nHost g*\n HostKeyAlias nested\n',
};

const configuration = (text: string, ...hosts: string[]): Configuration => ({ text, hosts });
const refused = (text: string, ...hosts: string[]): Configuration => ({ text, hosts, refused: true });

export const handMade: Record<string, Configuration> = {
  'a # inside a word and inside quotes': configuration(
    `Host a
 HostName 127.0.0.1
 IdentityFile /k#1
 HostKeyAlias a#b
 ProxyCommand sh -c 'exec nc %h %p # x'
Host "b#c" d
 IdentityFile "/k # 2"
 IdentityFile '/k #3' # a comment
 User x#y	# another`,
    ...['a', 'b#c', 'd', 'b'],
  ),
  'comments after white space only': configuration(
    'Host a#b\n Port 1\nHost a # b c\n Port 2\n#Host *\n # Port 3\nHost b\n Port 4 #\n',
    ...['a', 'b', 'c', 'a#b'],
  ),
  'a class in an Include': configuration('Include conf.d/a[12].conf', 'g1', 'g2', 'web7'),
  'a negated class': configuration('Include conf.d/[!a]1.conf', 'g1', 'other'),
  'a class with ^, which negates nothing': configuration('Include conf.d/[^b]1.conf', 'g1', 'other'),
  'a named class': configuration('Include conf.d/[[:alpha:]][[:digit:]].conf', 'g1', 'g2', 'other'),
  'a class that is not closed': configuration('Include conf.d/a[12.conf\nUser own', 'g1'),
  'escapes in an Include': configuration('Include "conf.d/\\\\[x].conf"\nPort 9', 'g1'),
  'a question mark, and no hidden files': configuration(
    'Include conf.d/?1.conf conf.d/*.conf',
    'g1',
    'g2',
    'other',
  ),
  'the order of included files': configuration('Include conf.d/a*.conf', 'g1'),
  'an Include with a space in its name': configuration(
    'Include "conf.d/with space.conf"\nUser own',
    'g1',
    'g2',
  ),
  'an Include in an Include': configuration('Include conf.d/nested.conf', 'g1', 'g2'),
  'an Include of what is not there': configuration('Include nothing/* missing ~/.ssh/none\nUser ops', 'a'),
  'an Include with ~': configuration('Include ~/.ssh/conf.d/a1.conf', 'g1'),
  'an Include inside a block': configuration(
    'Host g1\n Include conf.d/*.conf\n Port 77\nHost *\n Port 78\n User end',
    ...['g1', 'g2'],
  ),
  'a block in an Include that ends with it': configuration(
    'Host g2\n Include conf.d/a1.conf\n User still\nHost *\n User any',
    ...['g1', 'g2'],
  ),
  'keywords in any case, with = and quotes': configuration(
    'hOsT="web"\n hostname = "10.0.0.1"\n\tUSER=ops\n port\t=\t2200\n"Compression" yes\n',
    ...['web', 'db'],
  ),
  'several names, patterns and negation': configuration(
    'Host web* !web9 "db 1" ?x\n Port 11\nHost !a *\n Port 12',
    ...['web1', 'web9', 'ax', 'a', 'aax'],
  ),
  'names are compared as they are written': configuration(
    'Host WEB\n Port 1\nHost web\n Port 2',
    'web',
    'WEB',
    'Web',
  ),
  'addresses in lower case': configuration('Host *\n HostName %h.Example.COM\n IdentityFile ~/%h-%n', 'Web'),
  'a percent sign in HostName': configuration('HostName a%%b.%h', 'web'),
  'IdentitiesOnly true': configuration('IdentitiesOnly true', 'a'),
  'IdentitiesOnly TRUE': configuration('IdentitiesOnly TRUE', 'a'),
  'IdentitiesOnly False, then yes': configuration('IdentitiesOnly False\nIdentitiesOnly yes', 'a'),
  'IdentitiesOnly "yes"': configuration('IdentitiesOnly "yes"', 'a'),
  'IdentitiesOnly on': refused('IdentitiesOnly on', 'a'),
  'times with units': configuration('ConnectTimeout 1m30s\nServerAliveInterval 2H', 'a'),
  'times of none': configuration('ConnectTimeout none\nConnectTimeout 7\nServerAliveInterval 0', 'a'),
  'a time that is none': refused('ConnectTimeout soon\nUser ops', 'a'),
  'the first value of each keyword': configuration(
    'User a\nUser b\nPort 1\nPort 2\nHostName x\nHostName y',
    'h',
  ),
  'identity files that add up, each once': configuration(
    'IdentityFile ~/a\nHost *\n IdentityFile /b\n IdentityFile ~/a\n IdentityFile "%d/c d"',
    'h',
  ),
  'IdentityFile none': configuration('IdentityFile none', 'h'),
  'IdentityFile NONE beside another': configuration('IdentityFile /a\nIdentityFile NONE', 'h'),
  'IdentityFile with a variable': configuration('IdentityFile ${MUSTER_KEYS}/a', 'h'),
  backslashes: configuration(
    'IdentityFile C:\\keys\\a\nIdentityFile /b\\ c\nIdentityFile "/d\\"e"\nIdentityFile \'/f\\\'g\'\nIdentityFile /h\\\\i',
    'h',
  ),
  'quotes in the middle of a word': configuration('IdentityFile /a" b "c\nUser o\'p\'s', 'h'),
  'a quote that is not closed': refused('Host a\n User "ops\n Port 7\nHost b\n Port 8', 'a', 'b'),
  'a Host line with a quote that is not closed': refused('Host "a b\n Port 7\nHost b\n Port 8', 'b'),
  'an empty argument': refused('Host a ""\n Port 7', 'a'),
  'no argument': refused('User\nPort 7', 'a'),
  'an argument too many': refused('User a b', 'x'),
  'a port out of range': refused('Port 65536', 'x'),
  'a port by name': configuration('Port ssh', 'x'),
  'known hosts files': configuration(
    'UserKnownHostsFile ~/a "/b c" /%h\nUserKnownHostsFile /d\nGlobalKnownHostsFile /e /f',
    'x',
  ),
  'known hosts files of none': configuration('UserKnownHostsFile none\nGlobalKnownHostsFile /dev/null', 'x'),
  agents: configuration(
    'Host a\n IdentityAgent none\nHost b\n IdentityAgent SSH_AUTH_SOCK\nHost c\n IdentityAgent "~/Library/Group Containers/%n.sock"',
    ...['a', 'b', 'c'],
  ),
  'HostKeyAlias in lower case': configuration('HostKeyAlias Shared', 'x'),
  'a jump, then a command': configuration('ProxyJump a,ops@b:2222\nProxyCommand nc %h %p', 'x'),
  'a command, then a jump': configuration('ProxyCommand nc "%h" %p\nProxyJump a', 'x'),
  'no jump, then a command': configuration('ProxyJump none\nProxyCommand nc %h %p', 'x'),
  'no command, then a jump': configuration('ProxyCommand none\nProxyJump a', 'x'),
  'a jump with a comment': configuration('ProxyJump a,b # c', 'x'),
  'no jump with a comment': configuration('ProxyJump none # c\nProxyCommand nc', 'x'),
  'a jump that is none': refused('ProxyJump a,,b', 'x'),
  'a command with = and #': configuration("ProxyCommand=sh -c 'a=1 # b; nc %h %p'", 'x'),
  'a command with quotes that are not closed': refused("ProxyCommand echo it is o'clock", 'x'),
  'a command with escaped quotes': configuration('ProxyCommand sh -c "echo \\"a  b\\" # %h"', 'x'),
  'other commands keep their #': configuration(
    'LocalCommand echo # "x\'y"\nRemoteCommand ls # -l\nPort 7',
    'x',
  ),
  'lines that end as on Windows': configuration('Host a\r\n User ops\r\n IdentityFile "/k k"\r\n', 'a'),
  'a last line without end, tabs, form feeds': configuration(
    'Host\ta\n\tPort\t7\f\n\n\t\nUser ops',
    'a',
    'b',
  ),
  'Match all': configuration('Match all\n Port 7', 'a'),
  'Match host, before and after HostName': configuration(
    'Match host 10.*\n Port 1\nHost a\n HostName 10.0.0.1\nMatch host 10.* # there\n Port 2\n',
    ...['a', 'b'],
  ),
  'Match in any case': configuration('MATCH HOST A ORIGINALHOST a\n Port 7', 'a'),
  'Match !host': configuration('Match !host a\n Port 7', 'a', 'b'),
  'Match !user': configuration('User ops\nMatch !user root,adm*\n Port 7\nMatch !user ops\n Port 8', 'a'),
  'Match with lists and negation in them': configuration('Match originalhost "*,!a"\n Port 7', 'a', 'b'),
  'Match with =': configuration('Match host=a\n Port 7\nMatch originalhost=b user=ops\n Port 8', 'a', 'b'),
  'Match localuser': configuration(
    'Match localuser nobody-here\n Port 7\nMatch !localuser nobody-here\n Port 8',
    'a',
  ),
  'Match final': configuration('Match final host 10.0.0.1\n Port 99\nHost a\n HostName 10.0.0.1', 'a', 'b'),
  'Match final all': configuration('Match final all\n Port 99\nHost a\n Port 7', 'a', 'b'),
  'Match !final': configuration('Match !final\n Port 99\nMatch !final host a\n User first', 'a', 'b'),
  'Match canonical': configuration(
    'CanonicalizeHostname yes\nMatch canonical\n Port 7\nMatch !canonical\n User x',
    'a',
  ),
  'Match canonical without': configuration('Match canonical\n Port 7\nMatch !canonical all\n User x', 'a'),
  'Host compared with the name found, in the second reading': configuration(
    'Host 10.0.0.1\n Port 55\nHost a\n HostName 10.0.0.1\nMatch final\n User f',
    ...['a', 'b'],
  ),
  'Match exec': configuration(
    'Match exec "test %n = a" \n Port 7\nMatch !exec false\n User x\nMatch originalhost b exec "exit 0"\n HostName y',
    ...['a', 'b'],
  ),
  'Match exec with a #': configuration('Match exec "true # really" host a\n Port 7', 'a', 'b'),
  'Match with an unknown criterion': refused('Match weather fine\n Port 7\nHost a\n Port 8', 'a'),
  'Match without an argument': refused('Match host\n Port 7', 'a'),
  'Match all with more': refused('Match all host a\n Port 7', 'a'),
  'keywords that Muster does not honour': configuration(
    'Host *\n Ciphers aes128-ctr\n SendEnv LANG LC_*\n LocalForward 8080 localhost:80\n StrictHostKeyChecking ask\n SetEnv A="b c"',
    'a',
  ),
};

/** Pieces of configurations; what OpenSSH refuses is rare among them. */
const names = ['web1', 'web2', 'db', 'g1', 'g2', 'a#b', 'Edge'];
const patterns = [...names, 'web*', '*', '?b', '!web2', '!db', '"web1"', "'g1'", 'w*1', '10.0.*', '"a b"'];
const criteria = [
  ...[
    'host web*',
    'host "10.*,db"',
    '!host db',
    'originalhost web1,g?',
    '!originalhost web*',
    'user ops',
    '!user ops',
  ],
  ...[
    'host=g1',
    'user=root,ops',
    'localuser nobody',
    '!localuser nobody',
    'exec "test %h = db"',
    '!exec "false # x"',
  ],
  ...['final', 'canonical', '!canonical', 'final host 10.*'],
];
const settings: Record<string, readonly string[]> = {
  HostName: ['10.0.0.1', '%h.example.com', 'WWW.example.com', '"10.0.0.2"', 'a%%b', '::1', '10.0.0.#'],
  User: ['ops', 'root', '"o p"', 'x#y', "'q'", 'dom\\user'],
  Port: ['22', '2222', '"2200"', '65535'],
  IdentityFile: ['~/.ssh/id', '/k#1', '"/a b"', "'/c # d'", 'none', '%d/%h', '/e\\ f', '/g\\"h', '"/i" # j'],
  IdentitiesOnly: ['yes', 'no', 'true', 'FALSE', 'Yes'],
  IdentityAgent: ['none', '~/agent', 'SSH_AUTH_SOCK', '"/a b/%n"'],
  UserKnownHostsFile: ['~/kh', '/a /b', '"/c d" ~/e', 'none', '/dev/null # gone'],
  GlobalKnownHostsFile: ['/g', '/dev/null', '/g1 /g2'],
  HostKeyAlias: ['alias', 'a#b', '"Two Words"'],
  ProxyJump: ['none', 'gw', 'a,ops@b:22 # c', 'ssh://x@y:99'],
  ProxyCommand: ['none', 'nc %h %p', "sh -c 'nc %h %p # x'", 'ssh -W "%h:%p" gw#1', '=odd "a  b"'],
  ConnectTimeout: ['5', '1m', '1h2m3s', 'none', '0'],
  ServerAliveInterval: ['15', '2m', '0'],
  Compression: ['yes', 'no'],
  RemoteCommand: ['echo # not a comment'],
  Include: [
    ...['conf.d/a[12].conf', 'conf.d/*.conf', 'conf.d/[!a]*.conf', 'missing', '"conf.d/with space.conf"'],
    ...['conf.d/?1.conf conf.d/nested.conf', 'conf.d/[[:lower:]]-?.conf'],
  ],
  Prot: ['22'],
};

/** A configuration that a seed stands for, always the same. */
export function generated(seed: number): Configuration {
  let state = seed;
  const below = (limit: number): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)]!;
  const some = <T>(choices: readonly T[], most: number) =>
    Array.from({ length: 1 + below(most) }, () => pick(choices));
  const end = () => pick(['', '', '', ' ', '\t# a comment', ' #', '\r']);
  const cased = (keyword: string) => pick([keyword, keyword, keyword.toLowerCase(), keyword.toUpperCase()]);
  const keywords = Object.keys(settings).filter((keyword) => keyword !== 'Prot' || below(20) === 0);
  const line = () => {
    const keyword = pick(keywords);
    const takesTheRest = keyword.endsWith('Command');
    const sign = pick([' ', ' ', '\t', '  ', '=', ' = ']);
    return `${pick(['', ' ', '\t'])}${cased(keyword)}${sign}${pick(settings[keyword]!)}${takesTheRest ? '' : end()}`;
  };
  const lines = some([0], 3).map(line);
  for (let block = 1 + below(5); block > 0; block--) {
    lines.push(
      below(3) > 0
        ? `${cased('Host')}${pick([' ', '=', ' = '])}${some(patterns, 3).join(pick([' ', '  ', '\t']))}${end()}`
        : `${cased('Match')} ${some(criteria, 2).join(' ')}${pick(['', ' # why'])}`,
      ...some([0], 5).map(line),
      ...pick([[], [''], ['# a comment', '\t']]),
    );
  }
  return { text: lines.join('\n'), hosts: [pick(names), pick(names)] };
}
