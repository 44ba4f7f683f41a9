import { shellQuote } from '../../../platform/text/shellQuote';
import type { FactChoice } from './factChoice';

/**
 * The command line of every host. The script comes over standard input, in braces: a shell that was sent half of it runs
 * nothing.
 */
export const factCommand = 'exec sh -s';

/**
 * POSIX shell that writes what all facts find out, one after the other. A line begins with the nonce, the number of the
 * fact and a tab; then there is
 *
 *     = NAME VALUE            an entry
 *     l LINE                  one that the fact reads itself
 *     ? NAME REASON DETAIL    what cannot be seen; without a name that may be any entry of the fact
 *     ~ NAME REASON DETAIL    the same, where it is nothing to be missed
 *     e                       the fact has told everything
 *     t                       it took too long
 *
 * What a fact writes can be no line of another's: `sed` marks it. What hangs is left behind: a process that waits for a
 * dead file server does not end when it is told to, but `sed` does.
 */
export function factScript(choices: readonly FactChoice[], nonce: string, seconds: number): string {
  const functions = choices.map(({ fact, operand }, index) => `fact${index}() {${fact.script(operand)}\n}`);
  const calls = choices.map(({ operand }, index) => `ask ${index} ${shellQuote(operand)}`);
  return `{
exec </dev/null 2>/dev/null
LC_ALL=C; export LC_ALL
unset IFS CDPATH GREP_OPTIONS GREP_COLORS
TAB=$(printf '\\t') N=${nonce} late= LF='
'
has() { command -v "$1" >/dev/null 2>&1; }
flat() { case $1 in *"$LF"*) one=$(printf '%s' "$1" | tr '\\n' ' ');; *) one=$1;; esac; }
is() { flat "$2"; printf '=\\t%s\\t%s\\n' "$1" "$one"; }
unseen() { printf '?\\t%s\\t%s\\t%s\\n' "$1" "$2" "$3"; }
unknown() { printf '~\\t%s\\t%s\\t%s\\n' "$1" "$2" "$3"; }
ask() {
  number=$1
  shift
  # Left to itself, so that to wait is to wait for sed alone.
  { ( "fact$number" "$@"; echo e ) & } | sed "s/^/$N$number$TAB/" &
  marking=$!
  ( sleep ${seconds} & clock=$!; trap 'kill $clock' TERM; wait $clock && kill $marking ) >/dev/null &
  watching=$!
  wait $marking || { late=1; printf '\\n%s%s\\tt\\n' "$N" "$number"; }
  kill $watching
  wait $watching
}
${functions.join('\n')}
${calls.join('\n')}
printf '%s\\tend\\n' "$N"
# All of it has been said: what hangs ends with us, where the group of processes is our own.
group=
[ -z "$late" ] || read -r own name state parent group rest </proc/$$/stat
[ "$group" != $$ ] || kill -KILL 0
exit 0
}
`;
}
