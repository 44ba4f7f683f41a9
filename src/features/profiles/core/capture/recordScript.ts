import { toolPath } from './hostFacts';

export interface Recording {
  /** Shell code run first in the background; `$dir` is a new folder and its output is kept for when it fails. */
  record: string;
  /** Shell code that prints the profile, after recording has succeeded. */
  print: string;
  /** Shell code that ends what outlives the recording when it is broken off. */
  breakOff?: string;
  /** Compress what is printed, for slow links. */
  pack?: boolean;
  /** The owner of the folder: the process that writes into it is another user's. */
  folderOf?: number;
  /** The tool writes what it has when it is interrupted, and may then end with the status of that. */
  endsEarly?: boolean;
}

/**
 * A script for `hostScript` that records into a folder of its own and prints the profile. However it ends (the end of
 * its input included, which is what a lost connection leaves), the recording ends with it and the folder is removed.
 * The line `enough` on its input ends the recording early, where the tool can be interrupted.
 * Tools end by themselves after their duration, should even the shell be killed.
 */
export function recordScript({
  record,
  print,
  breakOff = ':',
  pack = false,
  folderOf,
  endsEarly = false,
}: Recording): string {
  return `${toolPath}
umask 077
dir=$(mktemp -d "\${TMPDIR:-/tmp}/muster.XXXXXX") || exit 1
${folderOf === undefined ? '' : `[ "$(id -u)" = 0 ] && chown "$(stat -c %u /proc/${folderOf})" "$dir"`}
tool=; watch=
end() { kill -s "$1" -- "-$tool" || kill -s "$1" "$tool"; }
clean() {
  trap '' HUP INT TERM PIPE
  if [ -n "$tool" ]; then
    end TERM; ${breakOff}
    { sleep 2; end KILL; } & hard=$!
    wait "$tool"; kill "$hard"
  fi
  rm -rf "$dir"
  [ -n "$watch" ] && kill "$watch"
} >/dev/null 2>&1
trap clean EXIT
trap 'exit 143' HUP INT TERM PIPE
own=$(command -v setsid)
exec 3<&0
cat >"$dir/record" <<'END_OF_RECORD'
${record}
END_OF_RECORD
dir=$dir $own sh "$dir/record" </dev/null >"$dir/log" 2>&1 3<&- &
tool=$!
{ while read -r word; do ${endsEarly ? '[ "$word" = enough ] && : >"$dir/enough" && end INT' : ':'}; done <&3; kill -s TERM $$; } >/dev/null 2>&1 &
watch=$!
wait "$tool"; status=$?; tool=
[ $status -eq 130 ] && [ -f "$dir/enough" ] && status=0
if [ $status -ne 0 ]; then tail -n 20 "$dir/log" >&2; exit $status; fi
{
${print}
echo $? >"$dir/status"
} 2>>"$dir/log"${pack ? ' | gzip -1 -c' : ''}
read -r status <"$dir/status" || status=1
[ "$status" -eq 0 ] || tail -n 20 "$dir/log" >&2
exit "$status"`;
}
