import type { Host } from '../../../../platform/inventory/model';
import { t } from '../../../../platform/l10n/l10n';
import { type HostSession, hostScript, scriptError } from '../../../../platform/transport/hostScript';

/** A process of a host as people tell it apart. */
export interface HostProcess {
  readonly pid: number;
  readonly user: string;
  /** Percent of one core over the last second; undefined where the host does not say. */
  readonly cpu: number | undefined;
  /** Resident memory in bytes; undefined where the host does not say. */
  readonly memory: number | undefined;
  /** The command line. */
  readonly command: string;
}

/** procps first, then busybox, then what knows no options at all. Without /proc, as on BSD and macOS, ps says it all. */
const script = `if [ -r /proc/self/stat ]; then
  echo "hz $(getconf CLK_TCK 2>/dev/null || echo 100)"
  echo "page $(getconf PAGESIZE 2>/dev/null || echo 4096)"
  for round in first second; do
    read -r up rest </proc/uptime; echo "$round $up"
    cat /proc/[0-9]*/stat 2>/dev/null
    [ $round = first ] && sleep 1
  done
  echo ps
  COLUMNS=1000 ps -eo pid,user,args 2>/dev/null || ps -o pid,user,args 2>/dev/null || ps
else
  echo ps
  ps -axo pid,user,pcpu,rss,args
fi
exit 0`;

/** The processes of a host, the busiest first; takes a second. @throws MusterError with its phase */
export async function processList(host: Host, session: HostSession): Promise<HostProcess[]> {
  const result = await hostScript(host, script, session);
  if (result.exitCode !== 0) throw scriptError(host, t('the processes could not be listed'), result);
  return parseProcesses(result.stdout);
}

/** What /proc/PID/stat says of a process. */
interface Sample {
  parent: number;
  ticks: number;
  pages: number;
}

export function parseProcesses(text: string): HostProcess[] {
  let hz = 100;
  let page = 4096;
  const times: number[] = [];
  const rounds: Map<number, Sample>[] = [];
  const lines = text.split('\n');
  const start = lines.indexOf('ps');
  for (const line of lines.slice(0, Math.max(0, start))) {
    const [, word, value] = /^(hz|page|first|second) ([\d.]+)$/.exec(line) ?? [];
    if (word === 'hz') hz = Number(value) || hz;
    else if (word === 'page') page = Number(value) || page;
    else if (word !== undefined) {
      times.push(Number(value));
      rounds.push(new Map());
    } else addStat(line, rounds.at(-1));
  }
  const [before, after] = rounds;
  const seconds = (times[1] ?? 0) - (times[0] ?? 0);
  const usage = (pid: number) => {
    const last = after?.get(pid);
    if (!last) return {};
    const ticks = last.ticks - (before?.get(pid)?.ticks ?? last.ticks);
    return { memory: last.pages * page, ...(seconds > 0 && { cpu: (ticks / hz / seconds) * 100 }) };
  };
  const listed = parsePs(lines.slice(start + 1)).map((process) => ({ ...process, ...usage(process.pid) }));
  // Threads of the kernel have no memory, and nothing to be profiled; the rest is what listing them takes.
  return listed
    .filter(({ command, memory }) => command !== '' && memory !== 0 && !/^\[.*\]$/.test(command))
    .sort((a, b) => (b.cpu ?? 0) - (a.cpu ?? 0) || (b.memory ?? 0) - (a.memory ?? 0) || a.pid - b.pid);
}

/** `pid (name) state ppid …`: the name may hold spaces and parentheses (proc_pid_stat(5)). */
function addStat(line: string, round: Map<number, Sample> | undefined): void {
  const pid = Number(/^(\d+) \(/.exec(line)?.[1]);
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  if (!pid || fields.length < 22) return;
  const at = (number: number) => Number(fields[number - 3]);
  round?.set(pid, { parent: at(4), ticks: at(14) + at(15), pages: at(24) });
}

/** Columns by the names in the first line; the last takes the rest of each. */
function parsePs([head = '', ...rows]: readonly string[]): HostProcess[] {
  const columns = head.trim().toLowerCase().split(/\s+/);
  const pattern = new RegExp(`^\\s*${'(\\S+)\\s+'.repeat(Math.max(0, columns.length - 1))}(.*)$`);
  return rows.flatMap((row) => {
    const values = pattern.exec(row)?.slice(1);
    if (!values) return [];
    const value = (...names: string[]) => values[columns.findIndex((column) => names.includes(column))];
    const pid = Number(value('pid'));
    const command = values.at(-1)!.trim();
    if (!Number.isInteger(pid) || pid < 1) return [];
    const cpu = Number(value('%cpu', 'pcpu'));
    const memory = Number(value('rss')) * 1024;
    return {
      ...{ pid, command, user: value('user') ?? '' },
      cpu: Number.isNaN(cpu) ? undefined : cpu,
      memory: Number.isNaN(memory) ? undefined : memory,
    };
  });
}
