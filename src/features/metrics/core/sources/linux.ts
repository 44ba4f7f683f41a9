import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import { t, text } from '../../../../platform/l10n/l10n';
import { hostScript, scriptError } from '../../../../platform/transport/hostScript';
import type { Reading, SeriesKind } from '../reading';
import { boundedText } from './boundedOutput';
import { Collected, type Labels } from './collected';
import type { MetricSource } from './contract';

const settings = z.strictObject({
  cgroups: z
    .array(
      z
        .string()
        .regex(
          /^[\w@.:*?-]+(\/[\w@.:*?-]+)*$/,
          text('expected a path with * and ?, e.g. system.slice/docker-*.scope'),
        )
        .refine((pattern) => !pattern.split('/').includes('..'), text('a path does not lead upwards')),
    )
    .min(1)
    .max(20)
    .optional()
    .describe(
      'Groups of processes below /sys/fs/cgroup (version 2), e.g. `system.slice/docker-*.scope`: each with its use and limits, containers with their network. At most 200.',
    ),
});
type Settings = z.output<typeof settings>;

/** Bytes of all files together: a host of 1,024 processors and as many disks has less than 1 MB. */
const mostBytes = 2 * 1024 * 1024;

/** Files that are read as they are, by the name that begins their part of the output. */
const files: Readonly<Record<string, string>> = {
  stat: '/proc/stat',
  loadavg: '/proc/loadavg',
  uptime: '/proc/uptime',
  meminfo: '/proc/meminfo',
  vmstat: '/proc/vmstat',
  cpuPressure: '/proc/pressure/cpu',
  ioPressure: '/proc/pressure/io',
  memoryPressure: '/proc/pressure/memory',
  diskstats: '/proc/diskstats',
  network: '/proc/net/dev',
  snmp: '/proc/net/snmp',
  netstat: '/proc/net/netstat',
  sockstat: '/proc/net/sockstat',
  fileHandles: '/proc/sys/fs/file-nr',
  conntrack: '/proc/sys/net/netfilter/nf_conntrack_count',
  conntrackLimit: '/proc/sys/net/netfilter/nf_conntrack_max',
  boot: '/proc/sys/kernel/random/boot_id',
};

const cgroupFiles =
  'cpu.max cpu.stat memory.current memory.max memory.swap.current memory.events pids.current pids.max';
const mostCgroups = 200;

/**
 * One script for one round trip. A local file system only is measured, and no longer than 2 s: `df` waits for a
 * network file system that is gone for as long as that is. Names of cgroups and of their files are those of paths here,
 * and only harmless ones are printed.
 */
const scriptFor = (cgroups: readonly string[]) => `
LC_ALL=C; export LC_ALL
[ "$(uname -s)" = Linux ] || { echo "no Linux" >&2; exit 3; }
${Object.entries(files)
  .map(([name, path]) => `[ -r ${path} ] && { echo "@${name}"; cat ${path} 2>/dev/null; }`)
  .join('\n')}
echo "@tcp"; cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 ~ /^[0-9A-F][0-9A-F]$/ { n[$4]++ } END { for (s in n) print s, n[s] }'
if command -v timeout >/dev/null 2>&1; then limit="timeout 2"; else limit=; fi
echo "@space"; $limit df -P -k -l 2>/dev/null; [ $? = 124 ] && echo "@cut"
echo "@inodes"; $limit df -P -i -l 2>/dev/null; [ $? = 124 ] && echo "@cut"
if cd /sys/fs/cgroup 2>/dev/null; then
  own=$(readlink /proc/self/ns/net 2>/dev/null)
  set --
  groups=0
  echo "@containers"
  for group in . ${cgroups.join(' ')}; do
    case "$group" in *[!A-Za-z0-9@._:/\\-]*) continue ;; esac
    [ -d "$group" ] || continue
    groups=$((groups + 1))
    [ $groups -gt ${mostCgroups + 1} ] && { echo "@cut"; break; }
    for file in ${cgroupFiles}; do [ -r "./$group/$file" ] && set -- "$@" "./$group/$file"; done
    [ "$group" = . ] && continue
    pid=; read -r pid 2>/dev/null < "./$group/cgroup.procs"
    [ -n "$pid" ] || continue
    net=$(readlink "/proc/$pid/ns/net" 2>/dev/null)
    [ -n "$net" ] && [ "$net" != "$own" ] && { echo "= $group"; cat "/proc/$pid/net/dev" 2>/dev/null; }
  done
  echo "@cgroups"
  [ $# -gt 0 ] && awk '{ print FILENAME, $0 }' "$@" 2>/dev/null
fi
echo "@end"
`;

export const linux: MetricSource<Settings> = {
  type: 'linux',
  description:
    'Reads /proc in one round trip: processors, load, pressure, memory, disks, network and limits, named as by node_exporter.',
  settings,
  async read(host, { cgroups = [] }, context) {
    let text = '';
    const result = await hostScript(host, scriptFor(cgroups), context, {
      take: async (stdout) => void (text = await boundedText(stdout, mostBytes)),
    });
    if (result.exitCode === 3)
      throw new MusterError('PRECONDITION', t('the host does not run Linux'), {
        ...{ host: host.name, phase: 'run' },
        hint: t('Read an exporter on it instead, by a source of the type prometheus.'),
      });
    if (result.exitCode !== 0) throw scriptError(host, t('reading /proc'), result);
    return readParts(text);
  },
};

/** What the script has printed, under the names and in the units of node_exporter. */
export function readParts(text: string): Reading {
  const parts = partsOf(text);
  const collected = new Collected();
  for (const [name, read] of Object.entries(readers)) {
    const lines = parts.get(name);
    if (lines) read(lines, collected);
  }
  const [boot] = parts.get('boot') ?? [];
  return collected.reading({
    isComplete: parts.has('end') && !parts.has('cut'),
    ...(boot !== undefined && { incarnation: boot }),
  });
}

/** The lines of each part of the output. */
function partsOf(text: string): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split('\n'))
    if (/^@\w+$/.test(line)) parts.set(line.slice(1), (lines = []));
    else if (line !== '') lines.push(line);
  return parts;
}

const words = (line: string): string[] => line.trim().split(/\s+/);

/** Of USER_HZ, which is 100 on all architectures that Linux runs servers on. */
const ticksPerSecond = 100;
const sectorBytes = 512;

const cpuModes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'];

const tcpStates: Readonly<Record<string, string>> = {
  ...{ '01': 'established', '02': 'syn_sent', '03': 'syn_recv', '04': 'fin_wait1', '05': 'fin_wait2' },
  ...{
    '06': 'time_wait',
    '07': 'close',
    '08': 'close_wait',
    '09': 'last_ack',
    '0A': 'listen',
    '0B': 'closing',
  },
};

/** As node_exporter leaves out. */
const partition = /^(z?ram|loop|fd|sr|(h|s|v|xv)d[a-z]+|(nvme\d+n|mmcblk)\d+p)\d+$/;

type Reader = (lines: readonly string[], to: Collected) => void;

const readers: Readonly<Record<string, Reader>> = {
  stat(lines, to) {
    for (const line of lines) {
      const [key = '', ...values] = words(line);
      if (/^cpu\d+$/.test(key))
        cpuModes.forEach((mode, at) => {
          to.add(
            'counter',
            'node_cpu_seconds_total',
            Number(values[at]) / ticksPerSecond,
            { cpu: key.slice(3), mode },
            's',
          );
        });
      else if (key === 'ctxt') to.add('counter', 'node_context_switches_total', Number(values[0]));
      else if (key === 'processes') to.add('counter', 'node_forks_total', Number(values[0]));
      else if (key === 'procs_running') to.add('gauge', 'node_procs_running', Number(values[0]));
      else if (key === 'procs_blocked') to.add('gauge', 'node_procs_blocked', Number(values[0]));
      else if (key === 'btime') to.add('gauge', 'node_boot_time_seconds', Number(values[0]), {}, 's');
    }
  },
  loadavg([line = ''], to) {
    const [one, five, fifteen] = words(line);
    to.add('gauge', 'node_load1', Number(one));
    to.add('gauge', 'node_load5', Number(five));
    to.add('gauge', 'node_load15', Number(fifteen));
  },
  uptime([line = ''], to) {
    to.add('gauge', 'node_uptime_seconds', Number(words(line)[0]), {}, 's');
  },
  meminfo(lines, to) {
    for (const line of lines) {
      const [, key = '', value, unit] = /^([\w()]+):\s+(\d+)(?: (kB))?$/.exec(line) ?? [];
      const name = `node_memory_${key.replace(/\((.*)\)/, '_$1')}`;
      if (unit) to.add('gauge', `${name}_bytes`, Number(value) * 1024, {}, 'By');
      else if (key !== '') to.add('gauge', name, Number(value));
    }
  },
  vmstat(lines, to) {
    for (const line of lines) {
      const [key = '', value] = words(line);
      if (/^(oom_kill|pgpg|pswp|pg.*fault)/.test(key)) to.add('counter', `node_vmstat_${key}`, Number(value));
    }
  },
  cpuPressure: pressure('cpu', 'waiting', undefined),
  ioPressure: pressure('io', 'waiting', 'stalled'),
  memoryPressure: pressure('memory', 'waiting', 'stalled'),
  diskstats(lines, to) {
    for (const line of lines) {
      const [, , device = '', ...values] = words(line);
      if (partition.test(device)) continue;
      const [reads, , readSectors, readMs, writes, , writtenSectors, writeMs, now, busyMs, weightedMs] =
        values.map(Number);
      const labels = { device };
      to.add('counter', 'node_disk_reads_completed_total', reads!, labels);
      to.add('counter', 'node_disk_read_bytes_total', readSectors! * sectorBytes, labels, 'By');
      to.add('counter', 'node_disk_read_time_seconds_total', readMs! / 1000, labels, 's');
      to.add('counter', 'node_disk_writes_completed_total', writes!, labels);
      to.add('counter', 'node_disk_written_bytes_total', writtenSectors! * sectorBytes, labels, 'By');
      to.add('counter', 'node_disk_write_time_seconds_total', writeMs! / 1000, labels, 's');
      to.add('gauge', 'node_disk_io_now', now!, labels);
      to.add('counter', 'node_disk_io_time_seconds_total', busyMs! / 1000, labels, 's');
      to.add('counter', 'node_disk_io_time_weighted_seconds_total', weightedMs! / 1000, labels, 's');
    }
  },
  network: (lines, to) => network(lines, to, 'node_network', {}),
  containers(lines, to) {
    let group: string | undefined;
    for (const line of lines)
      if (line.startsWith('= ')) group = line.slice(2);
      else if (group !== undefined) network([line], to, 'cgroup_network', { cgroup: group });
  },
  cgroups(lines, to) {
    for (const line of lines) {
      const [, path = '', file = '', key = '', value] =
        /^\.\/(.*)\/([a-z.]+) (\S+)(?: (\S+))?$/.exec(line) ?? [];
      const labels = { cgroup: path === '.' ? '/' : path };
      const figure = cgroupFigures.get(value === undefined || file === 'cpu.max' ? file : `${file} ${key}`);
      if (!figure) continue;
      const { kind, name, scale = 1, unit } = figure;
      const number = Number(file === 'cpu.max' || value === undefined ? key : value);
      // “max” is no limit.
      to.add(
        kind,
        `cgroup_${name}`,
        file === 'cpu.max' ? number / Number(value) : number * scale,
        labels,
        unit,
      );
    }
  },
  snmp: tables(
    /^(Tcp_(ActiveOpens|PassiveOpens|RetransSegs|InErrs|OutRsts|InSegs|OutSegs|CurrEstab)|Udp_(InErrors|NoPorts|RcvbufErrors|SndbufErrors|InDatagrams|OutDatagrams))$/,
  ),
  netstat: tables(
    /^TcpExt_(ListenOverflows|ListenDrops|SyncookiesSent|SyncookiesRecv|SyncookiesFailed|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)$/,
  ),
  sockstat(lines, to) {
    for (const line of lines) {
      const [, protocol = '', rest = ''] = /^(\w+): (.*)$/.exec(line) ?? [];
      const values = words(rest);
      for (let at = 0; at + 1 < values.length; at += 2)
        to.add('gauge', `node_sockstat_${protocol}_${values[at]}`, Number(values[at + 1]));
    }
  },
  tcp(lines, to) {
    for (const line of lines) {
      const [code = '', count] = words(line);
      const state = tcpStates[code];
      if (state) to.add('gauge', 'node_tcp_connection_states', Number(count), { state });
    }
  },
  fileHandles([line = ''], to) {
    const [allocated, , maximum] = words(line);
    to.add('gauge', 'node_filefd_allocated', Number(allocated));
    to.add('gauge', 'node_filefd_maximum', Number(maximum));
  },
  conntrack([line = ''], to) {
    to.add('gauge', 'node_nf_conntrack_entries', Number(line));
  },
  conntrackLimit([line = ''], to) {
    to.add('gauge', 'node_nf_conntrack_entries_limit', Number(line));
  },
  space: fileSystems((to, labels, [size, , free]) => {
    to.add('gauge', 'node_filesystem_size_bytes', size! * 1024, labels, 'By');
    to.add('gauge', 'node_filesystem_avail_bytes', free! * 1024, labels, 'By');
  }),
  inodes: fileSystems((to, labels, [total, , free]) => {
    to.add('gauge', 'node_filesystem_files', total!, labels);
    to.add('gauge', 'node_filesystem_files_free', free!, labels);
  }),
};

interface CgroupFigure {
  readonly kind: SeriesKind;
  readonly name: string;
  readonly scale?: number;
  readonly unit?: string;
}

/** Of a file, or of a key in it (https://docs.kernel.org/admin-guide/cgroup-v2.html). */
const cgroupFigures: ReadonlyMap<string, CgroupFigure> = new Map<string, CgroupFigure>([
  ['cpu.max', { kind: 'gauge', name: 'cpu_limit_cores' }],
  ['cpu.stat usage_usec', { kind: 'counter', name: 'cpu_usage_seconds_total', scale: 1e-6, unit: 's' }],
  ['cpu.stat user_usec', { kind: 'counter', name: 'cpu_user_seconds_total', scale: 1e-6, unit: 's' }],
  ['cpu.stat system_usec', { kind: 'counter', name: 'cpu_system_seconds_total', scale: 1e-6, unit: 's' }],
  ['cpu.stat nr_periods', { kind: 'counter', name: 'cpu_periods_total' }],
  ['cpu.stat nr_throttled', { kind: 'counter', name: 'cpu_throttled_periods_total' }],
  [
    'cpu.stat throttled_usec',
    { kind: 'counter', name: 'cpu_throttled_seconds_total', scale: 1e-6, unit: 's' },
  ],
  ['memory.current', { kind: 'gauge', name: 'memory_usage_bytes', unit: 'By' }],
  ['memory.max', { kind: 'gauge', name: 'memory_limit_bytes', unit: 'By' }],
  ['memory.swap.current', { kind: 'gauge', name: 'memory_swap_bytes', unit: 'By' }],
  ['memory.events max', { kind: 'counter', name: 'memory_limit_hits_total' }],
  ['memory.events oom', { kind: 'counter', name: 'memory_oom_total' }],
  ['memory.events oom_kill', { kind: 'counter', name: 'memory_oom_kills_total' }],
  ['pids.current', { kind: 'gauge', name: 'pids' }],
  ['pids.max', { kind: 'gauge', name: 'pids_limit' }],
]);

/** Lines of /proc/net/dev; those of its head have no device. */
function network(lines: readonly string[], to: Collected, prefix: string, labels: Labels): void {
  for (const line of lines) {
    const [, device, rest = ''] = /^\s*([^\s:|][^\s|]*?):\s*(\d[\d\s]*)$/.exec(line) ?? [];
    if (device === undefined) continue;
    const values = words(rest).map(Number);
    for (const [direction, from] of [
      ['receive', 0],
      ['transmit', 8],
    ] as const) {
      const add = (what: string, value = NaN, unit?: string) =>
        to.add('counter', `${prefix}_${direction}_${what}_total`, value, { ...labels, device }, unit);
      add('bytes', values[from], 'By');
      add('packets', values[from + 1]);
      add('errs', values[from + 2]);
      add('drop', values[from + 3]);
    }
  }
}

function pressure(resource: string, some: string, full: string | undefined): Reader {
  return (lines, to) => {
    for (const line of lines) {
      const [, kind, total] = /^(some|full) .*\btotal=(\d+)$/.exec(line) ?? [];
      const name = kind === 'some' ? some : full;
      if (kind !== undefined && name !== undefined)
        to.add('counter', `node_pressure_${resource}_${name}_seconds_total`, Number(total) / 1e6, {}, 's');
    }
  };
}

/** Pairs of lines: names, then values, both behind the protocol. */
function tables(wanted: RegExp): Reader {
  return (lines, to) => {
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const [protocol = '', ...names] = words(lines[at]!);
      const [same, ...values] = words(lines[at + 1]!);
      if (same !== protocol) continue;
      names.forEach((name, column) => {
        const full = `${protocol.replace(':', '')}_${name}`;
        const kind = name === 'CurrEstab' ? 'gauge' : 'counter';
        if (wanted.test(full)) to.add(kind, `node_netstat_${full}`, Number(values[column]));
      });
    }
  };
}

/** Lines of `df -P`: a device or a mount point may hold blanks, the numbers between them do not. */
function fileSystems(add: (to: Collected, labels: Labels, values: number[]) => void): Reader {
  return (lines, to) => {
    for (const line of lines.slice(1)) {
      const all = words(line);
      const share = all.findIndex(
        (word, at) => at >= 4 && /^(\d+%|-)$/.test(word) && all[at + 1]?.startsWith('/') === true,
      );
      const values = all.slice(share - 3, share).map((word) => (/^-?\d+$/.test(word) ? Number(word) : NaN));
      if (share < 0 || values.some(Number.isNaN)) continue;
      const device = all.slice(0, share - 3).join(' ');
      const mountpoint = all.slice(share + 1).join(' ');
      if (/^(tmpfs|devtmpfs|overlay|shm|udev|none)$/.test(device) && mountpoint !== '/') continue;
      add(to, { device, mountpoint }, values);
    }
  };
}
