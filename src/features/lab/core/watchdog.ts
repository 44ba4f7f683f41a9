import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Set in the environment of everything that lab hosts run, so that what left its process group is found too. */
export const labMarker = 'MUSTER_LAB';

/**
 * A shell function that kills whatever has the line `$1` in its environment, until nothing has.
 * Where there is no /proc it finds nothing, and process groups are all that is ended.
 * (The exit status of grep tells nothing: processes that end while it reads are errors to it.)
 */
export const killMarked = `
kill_marked() {
  while marked=$(grep -lzsxF -- "$1" /proc/[0-9]*/environ); [ -n "$marked" ]; do
    kill -KILL $(printf '%s\\n' "$marked" | cut -d/ -f3) 2>/dev/null
  done
}`;

/** Reads `+ GROUP` and `- GROUP` until its input ends, then cleans up. `$1` is the mark, the others are paths. */
const script = `${killMarked}
trap '' HUP INT TERM
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -KILL -- "-$group" 2>/dev/null; done
kill_marked "$1"
shift
rm -rf -- "$@"`;

/**
 * A small process that ends what the lab has started and removes its files, when it is asked to or when the
 * lab's own process goes away, however that happens.
 */
export class Watchdog {
  private readonly exited: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = once(child, 'exit');
    child.stdin?.on('error', () => {});
  }

  static async start(labDirectory: string, pathsToRemove: readonly string[]): Promise<Watchdog> {
    const child = spawn(
      '/bin/sh',
      ['-c', script, 'muster-lab', `${labMarker}=${labDirectory}`, ...pathsToRemove],
      {
        cwd: '/',
        // An interrupt typed at the terminal must not end it before its work is done.
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    );
    await once(child, 'spawn');
    return new Watchdog(child);
  }

  /** Takes on a process group. */
  guard(group: number): void {
    this.child.stdin?.write(`+ ${group}\n`);
  }

  /** The group has ended. */
  release(group: number): void {
    this.child.stdin?.write(`- ${group}\n`);
  }

  /** Resolves when everything has been cleaned up. */
  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.exited;
  }
}
