import { globWord, shellQuote } from '../../../../platform/text/shellQuote';
import { zoneWords } from '../recognise/logZone';

/** Seconds without a word from us after which what runs on the host ends by itself. */
const silenceSeconds = 60;
/** How often to say something, in milliseconds. */
export const beatMs = 15_000;

const read = 'read -r n; eval "$(dd bs=1 count="$n" 2>/dev/null)"';
/** The group of processes of the shell; where the system does not say it is its own, as sshd makes it. */
const readGroup =
  '{ read -r PID NAME STATE PARENT GROUP REST </proc/$$/stat; } 2>/dev/null; GROUP=${GROUP:-$$}';
/** dropbear and sudo leave commands in their own groups, which would end with them. */
const leader = `${readGroup}; [ $GROUP = $$ ] || { command -v setsid >/dev/null && exec setsid sh -c "$1" muster-logs; }; eval "$1"`;

/**
 * The command line of every follower. The script itself comes over standard input, its length first, so that neither it
 * nor its nonce is seen in the host's list of processes, and whatever the login shell is, `sh` reads it.
 */
export const loader = `exec sh -c '${leader}' muster-logs '${read}'`;

/** What the loader reads. */
export function loaded(script: string): Buffer {
  const bytes = Buffer.from(script);
  return Buffer.concat([Buffer.from(`${bytes.length}\n`), bytes]);
}

/**
 * Runs `body` such that it and all that it starts end with it, when standard input is closed, and when nothing comes
 * over it for a minute: the network was cut. It leads a group of processes; where it does not, for want of setsid, only
 * it and its watchers end.
 */
function guarded(body: string): string {
  return `
exec 9<&0 </dev/null
${readGroup}
[ $GROUP = $$ ] && GROUP=0 || GROUP=$$
( n=0; trap 'n=0' USR1
  while sleep 5; do n=$((n+1)); [ $n -lt ${silenceSeconds / 5} ] || kill -TERM $GROUP; done ) >/dev/null 2>&1 &
CLOCK=$!
( while read -r x <&9; do kill -USR1 $CLOCK; done; kill -TERM $GROUP ) >/dev/null 2>&1 &
READER=$!
exec 9<&-
${body}
trap '' TERM
[ $GROUP = 0 ] || GROUP="$CLOCK $READER"
kill -TERM $GROUP
exit $s
`;
}

/** A command line of the user's; with a nonce, the first line is that and the zone of the host, see `readZone`. */
export function commandScript(command: string, nonce?: string): string {
  const zone = nonce === undefined ? '' : `echo ${nonce} ${zoneWords()}\n`;
  return guarded(`${zone}sh -c ${shellQuote(command)}
s=$?`);
}

/** A file that was followed before: where to go on. */
export interface ResumedFile {
  readonly path: string;
  readonly inode: string;
  /** Bytes before what was not read yet. */
  readonly offset: number;
  /** Bytes before \`offset\` to send again, for being compared. */
  readonly overlap: number;
}

export interface FileScript {
  /** Random, so that no file can hold it: it begins every record. */
  readonly nonce: string;
  /** Absolute path or glob. */
  readonly path: string;
  readonly start: 'end' | 'recent' | 'beginning';
  readonly follow: boolean;
  readonly resumed: readonly ResumedFile[];
}

/** Bytes of a file that are shown of what was there before. */
export const recentBytes = 65_536;

/** Bytes that are read at once, and held by the host's `dd`. */
const readBytes = 4 * 1024 * 1024;

/**
 * Follows files as \`tail -F\` does, with nothing but what busybox has. Records on standard output begin with the nonce
 * and end with a newline; between \`d\` and the next record are bytes of a file as they are:
 *
 *     hello ZONE           what `readZone` reads of the host's clock
 *     f SLOT PATH          a file; its slot is its number
 *     o SLOT INODE OFFSET  what follows of it begins here
 *     d SLOT MODIFIED      bytes of it follow; when it was modified last, as `ls` shows it, without blanks
 *     c SLOT COUNT         the next bytes are the last COUNT that were sent, to be compared
 *     .                    its bytes end
 *     r SLOT               another file has its name, the old one was read to its end
 *     t SLOT               it was cut to a smaller size
 *     b SLOT OVERLAP       what is sent next is the rest of its copy, after OVERLAP bytes that were sent before
 *     e SLOT               the rest of the copy ends
 *     g SLOT               what it held when it was last read is not to be found
 *     m SLOT               it is not there
 *     p SLOT               it cannot be read
 *     l                    everything that was there has been sent
 *     x                    the end: following was not asked for
 */
export function fileScript({ nonce, path, start, follow, resumed }: FileScript): string {
  const known = resumed
    .map((file) => `old ${shellQuote(file.path)} ${file.inode} ${file.offset} ${file.overlap}`)
    .join('\n');
  return guarded(`
N=${nonce} M=${start} F=${follow ? 1 : 0} LC_ALL=C; export LC_ALL; unset TIME_STYLE
k=0 first=1 idle=0
say() { printf '%s %s\\n' "$N" "$*"; }

# A slot: P path, I inode, O offset, D descriptor, K what was skipped of that, C, Z and S inode, size and time of change
# now, W passes since it was renamed, U bytes before the offset to compare (64 if empty), Q its time when it was read,
# G looks since.
slot() { k=$((k+1)); eval "P$k=\\$1 I$k=$2 O$k=$3 V$k=$4 D$k= K$k=0 C$k= Z$k= S$k= W$k=0 R$k=$5 E$k= Y$k= A$k= X$k= T$k= U$k= Q$k= G$k=0"; say f $k "$1"; }
old() { slot "$1" "$2" "$3" "$4" 1; }

# Descriptors 3 to 8 hold files open, which keeps what was renamed or removed within reach.
take() {
  for d in 3 4 5 6 7 8; do
    case " $used " in *" $d "*) ;; *)
      if eval "command exec $d<\\"\\$1\\"" 2>/dev/null; then fd=$d used="$used $d"; else fd=; return 1; fi
      return 0 ;;
    esac
  done
  fd=
  [ -r "$1" ]
}
drop() { [ -z "$1" ] || { eval "exec $1<&-"; u=; for d in $used; do [ $d = $1 ] || u="$u $d"; done; used=$u; }; }
used=

skip() { [ $1 = 0 ] || dd bs=1 skip=$1 count=0 2>/dev/null; }

# send SLOT COUNT from its offset on, after bytes that were sent before: those of a file that was cut and has grown
# again since are others. One read is of one moment, however long the other end takes to have it. Nothing new is sent of
# a file that may be another one.
send() {
  eval "p=\\$P$1 o=\\$O$1 u=\\$U$1 Q$1=\\$S$1 modified=\\$S$1 U$1="
  [ -n "$u" ] || { u=64; [ $o -ge 64 ] || u=$o; }
  [ $((u + $2)) -gt 0 ] || return 0
  [ $u = 0 ] || say c $1 $u
  say d $1 $modified
  { skip $((o - u)); dd bs=$((u + $2)) count=1 2>/dev/null; } <"$p" 2>/dev/null
  say .
}

# rest SLOT FILE OFFSET: all of another file from there on
rest() { say d $1; { skip $3; cat; } <"$2" 2>/dev/null; say .; }

inode() { set -- $(ls -dLi -- "$1" 2>/dev/null); got=$1; }

# opened SLOT PATH INODE: not if the name has gone over to another file meanwhile.
opened() {
  drop "$fd"
  if take "$2"; then
    inode "$2"
    if [ "$got" != "$3" ]; then drop "$fd"; eval "D$1="; more=1; return 1; fi
    eval "D$1=$fd K$1=0 Y$1="
  else
    eval "D$1="
    if [ -e "$2" ]; then eval "Y$1=denied"; [ "$y" = denied ] || say p $1; fi
    return 1
  fi
}

# Names that log rotation gives: app.log.1, app.log-20261126, app-2026-11-26.log, app.1.log, app.log.old
rotated() {
  dir=$(dirname "$1") base=$(basename "$1") stem=\${base%.*} ext=\${base##*.}
  for q in "$dir/$base"[.-]* "$dir/$stem"[.-][0-9]*."$ext"; do
    case $q in *.gz|*.xz|*.zst|*.bz2|*.zip|*.lz4|*[[:cntrl:]]*) continue;; esac
    case \${q#"$dir/$base"} in *[0-9]*|.old|.prev|.bak) ;; *) continue;; esac
    [ "$q" != "$1" ] && [ -f "$q" ] && printf '%s\\n' "$q"
  done
}

# With their inodes, the oldest first.
listed() {
  rotated "$1" | { set --; while read -r q; do set -- "$@" "$q"; done; [ $# = 0 ] || ls -dLitr -- "$@" 2>/dev/null; }
}

# The same, not from the middle of a rotation, in which names are missing for a moment.
byage() {
  was=$(listed "$1")
  for try in 1 2 3 4 5; do
    is=$(listed "$1")
    [ "$is" != "$was" ] || break
    was=$is
  done
  [ -z "$is" ] || printf '%s\\n' "$is"
}

# found INODE PATH: opens as 9 what was rotated, under whatever name it has now.
found() {
  for try in 1 2 3; do
    while read -r q; do
      [ -n "$q" ] || continue
      inode "$q"
      [ "$got" = "$1" ] && eval 'command exec 9<"$q"' 2>/dev/null || continue
      inode "$q"
      [ "$got" != "$1" ] || return 0
    done <<EOL
$(rotated "$2")
EOL
  done
  return 1
}

# whole SLOT PATH INODE OFFSET: what was rotated, from there to its end
whole() {
  if found $3 "$2"; then
    say o $1 $3 $4
    say d $1
    { skip $4; cat; } <&9
    say .
    say r $1
    exec 9<&-
  else say g $1; return 1; fi
}

# Files that were rotated after that of INODE; sets last to the last one. If it is not to be found, there may be others,
# unless the file that first had the name after it has the name still.
between() { # SLOT PATH INODE FIRST NOW
  last=$3
  list=$(byage "$2" | { seen=; while read -r number name; do
    if [ -n "$seen" ]; then printf '%s\\n' "$number"; elif [ "$number" = "$3" ]; then seen=1; printf 'seen\\n'; fi
  done; })
  case $list in seen*) ;; *) [ "$4" = "$5" ] || say g $1; return;; esac
  for number in $list; do
    [ $number = seen ] || { whole $1 "$2" $number 0; last=$number; }
  done
}

# A file that was cut: perhaps it was copied first.
copied() { # SLOT PATH OFFSET
  newest=$(byage "$2" | tail -n 1)
  newest=\${newest#*[0-9] }
  [ -n "$newest" ] || return 0
  set -- "$1" "$2" "$3" $(ls -dLin -- "$newest")
  [ "$9" -ge "$3" ] 2>/dev/null || return 0
  v=64; [ $3 -ge 64 ] || v=$3
  say b $1 $v
  rest $1 "$newest" $(($3 - v))
  say e $1
}

look() { # the files as they are now
  set --
  for p in ${globWord(path)}; do
    [ -e "$p" ] || continue
    case $p in *[[:cntrl:]]*) continue;; esac
    set -- "$@" "$p"
  done
  i=1; while [ $i -le $k ]; do
    eval "C$i= Z$i="
    i=$((i+1))
  done
  j=0
  [ $# -gt 0 ] || return 0
  list=$(ls $L -- "$@" 2>/dev/null)
  while read -r ino mode links uid gid size mon day clock path; do
    case $mode in -*) ;; *) continue;; esac
    i=1 hit=
    while [ $i -le $k ]; do
      j=$((j % k + 1)); eval "q=\\$P$j"
      [ "$q" = "$path" ] && { hit=$j; break; }
      i=$((i+1))
    done
    if [ -z "$hit" ]; then
      slot "$path" '' 0 0 0
      hit=$k j=$k
      if [ $first = 1 ]; then
        case $M in
          end) eval "O$k=$size" ;;
          recent) [ $size -le ${recentBytes} ] || eval "O$k=$((size - ${recentBytes}))" ;;
        esac
      fi
    fi
    eval "C$hit=$ino Z$hit=$size S$hit=\\$mon\\$day\\$clock"
  done <<EOL
$list
EOL
}

# One slot: what is new of it. "more" tells whether there is more at once.
tend() {
  eval "p=\\$P$1 ino=\\$I$1 o=\\$O$1 v=\\$V$1 fd=\\$D$1 c=\\$C$1 z=\\$Z$1 w=\\$W$1 resumed=\\$R$1 y=\\$Y$1"
  if [ -z "$c" ]; then
    # Gone; what holds it open may still write to it.
    if [ -n "$fd" ]; then
      drain $1
      w=$((w+1)); eval "W$1=$w"
      [ $w -lt 100 ] || { drop "$fd"; eval "D$1= I$1= O$1=0 W$1=0"; say r $1; }
    fi
    [ "$y" = gone ] || { eval "Y$1=gone"; say m $1; }
    return
  fi
  [ "$y" != gone ] || eval "Y$1="
  if [ "$resumed" = 1 ]; then
    eval "R$1=0"
    if [ "$c" != "$ino" ] || [ $z -lt $o ]; then
      if [ "$c" = "$ino" ]; then say t $1; copied $1 "$p" $o
      elif whole $1 "$p" $ino $((o - v)); then eval "A$1=$ino X$1="; fi
      ino= o=0
      eval "I$1= O$1=0"
    else
      o=$((o - v))
      # What it begins with is compared anyway.
      eval "O$1=$o U$1=0"
      opened $1 "$p" $c || { eval "R$1=1 O$1=$((o + v))"; return; }
      say o $1 $ino $o
    fi
  fi
  if [ -z "$ino" ]; then
    [ "$y" != denied ] || [ -r "$p" ] || return
    eval "a=\\$A$1 x=\\$X$1"
    if [ -n "$a" ]; then
      between $1 "$p" $a "$x" $c
      eval "A$1=$last X$1=$c"
    fi
    opened $1 "$p" $c || return
    eval "I$1=$c A$1="
    say o $1 $c $o
  elif [ "$c" != "$ino" ]; then
    renamed $1
    return
  elif [ $z -lt $o ]; then
    say t $1
    copied $1 "$p" $o
    o=0
    eval "O$1=0"
    opened $1 "$p" $c || { eval "I$1="; return; }
    say o $1 $c 0
  fi
  if [ $F = 0 ]; then
    eval "e=\\$E$1"
    [ -n "$e" ] || { e=$z; eval "E$1=$e"; }
    [ $z -le $e ] || z=$e
  fi
  n=$((z - o))
  if [ $n -le 0 ]; then
    # Written to, and yet as long as it was: perhaps it was cut and has grown again. Not every ls tells parts of a second.
    eval "G$1=\\$((G$1 + 1)); g=\\$G$1 a=\\$S$1 b=\\$Q$1"
    case $a in *.*) g=0;; esac
    [ "$a" = "$b" ] && [ $g != 6 ] || send $1 0
    return 0
  fi
  busy=1
  eval "G$1=0"
  # Many files take turns, and looking costs more than reading.
  turns=8
  while [ $n -gt 0 ]; do
    [ $turns != 0 ] || { more=1; break; }
    m=$n turns=$((turns-1))
    [ $m -le ${readBytes} ] || m=${readBytes}
    send $1 $m
    o=$((o+m)) n=$((n-m))
    eval "O$1=$o"
  done
}

# What a file that is held open holds beyond what was sent.
drain() {
  eval "fd=\\$D$1 b=\\$K$1 o=\\$O$1 K$1=\\$O$1"
  say d $1
  eval "{ skip $((o - b)); dd bs=65536 2>/dev/null; } <&$fd"
  say .
}

# Another file has the name: go over to it once it is written to, and the old one is not.
renamed() {
  if [ -n "$fd" ]; then drain $1
  elif [ $w = 0 ]; then whole $1 "$p" $ino $o; w=100; fi
  [ $w -gt 0 ] && [ -n "$fd" ] || eval "T$1=$c"
  w=$((w+1)); eval "W$1=$w"
  busy=1
  if [ $w -lt 3 ] || { [ $z = 0 ] && [ $w -lt 100 ]; }; then return; fi
  [ -z "$fd" ] || say r $1
  eval "I$1= O$1=0 W$1=0 A$1=$ino X$1=\\$T$1"
  more=1
}

L=-dLin
set -- $(ls --full-time -dLin / 2>/dev/null)
[ "$#\${10}" != 10/ ] || L='--full-time -dLin'
say hello ${zoneWords()}
${known}
pause=0.2
sleep 0.01 2>/dev/null || pause=1
while :; do
  busy= more=
  look
  i=1; while [ $i -le $k ]; do s=$i; tend $i; i=$((s+1)); done
  [ -z "$more" ] || continue
  if [ $first = 1 ]; then
    first=0
    if [ $k = 0 ]; then say f 0 ''; fi
    say l
  fi
  [ $F = 1 ] || { say x; break; }
  if [ -n "$busy" ]; then idle=0; else idle=$((idle+1)); fi
  if [ $pause = 1 ] || [ $idle -gt 100 ]; then sleep 1
  elif [ $idle -gt 20 ]; then sleep 0.3
  else sleep $pause; fi
done
s=0`);
}
