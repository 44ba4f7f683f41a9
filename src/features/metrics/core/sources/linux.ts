import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { hostScript, scriptError } from '../../../../platform/transport/hostScript';
import type { Series } from '../reading';
import { boundedText } from './boundedOutput';
import { Collected, type Labels } from './collected';
import type { MetricSource } from './contract';

const settings = z.strictObject({});

/** Bytes of all files together: a host of 1,024 processors and as many disks has some 2 MB. */
const mostBytes = 4 * 1024 * 1024;

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
};

/**
 * One script for one round trip. A local file system only is measured, and no longer than 2 s: `df` waits for a
 * network file system that is gone for as long as that is.
 */
const script = `
LC_ALL=C; export LC_ALL
[ "$(uname -s)" = Linux ] || { echo "no Linux" >&2; exit 3; }
${Object.entries(files)
  .map(([name, path]) => `[ -r ${path} ] && { echo "@${name}"; cat ${path} 2>/dev/null; }`)
  .join('\n')}
echo "@tcp"; cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 ~ /^[0-9A-F][0-9A-F]$/ { n[$4]++ } END { for (s in n) print s, n[s] }'
if command -v timeout >/dev/null 2>&1; then limit="timeout 2"; else limit=; fi
echo "@space"; $limit df -P -k -l 2>/dev/null
echo "@inodes"; $limit df -P -i -l 2>/dev/null
echo "@end"
`;

export const linux: MetricSource<z.output<typeof settings>> = {
  type: 'linux',
  description:
    'Reads /proc in one round trip: processors, load, pressure, memory, disks, network and limits, named as by node_exporter.',
  settings,
  async read(host, _settings, context) {
    let text = '';
    const result = await hostScript(host, script, context, {
      take: async (stdout) => void (text = await boundedText(stdout, mostBytes)),
    });
    if (result.exitCode === 3)
      throw new MusterError('PRECONDITION', t('the host does not run Linux'), {
        ...{ host: host.name, phase: 'run' },
        hint: t('Read an exporter on it instead, by a source of the type prometheus.'),
      });
    if (result.exitCode !== 0) throw scriptError(host, t('reading /proc'), result);
    const parts = partsOf(text);
    return {
      at: Date.now(),
      series: readParts(parts),
      ...{ problems: [], problemCount: 0, isComplete: parts.has('end') },
    };
  },
};

/** The lines of each part of the output. */
function partsOf(text: string): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split('\n'))
    if (/^@\w+$/.test(line)) parts.set(line.slice(1), (lines = []));
    else if (line !== '') lines.push(line);
  return parts;
}

/** What the parts say, under the names and in the units of node_exporter 1.5. */
export function readParts(parts: ReadonlyMap<string, readonly string[]>): Series[] {
  const collected = new Collected();
  for (const [name, read] of Object.entries(readers)) {
    const lines = parts.get(name);
    if (lines) read(lines, collected);
  }
  return collected.series;
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
      if (
        /^(z?ram|loop|fd|(h|s|v|xv)d[a-z]+\d|nvme\d+n\d+p)\d*/.test(device) &&
        !/^(h|s|v|xv)d[a-z]+$/.test(device)
      )
        continue;
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
  network(lines, to) {
    for (const line of lines.slice(2)) {
      const [, device = '', rest = ''] = /^\s*(\S+?):(.*)$/.exec(line) ?? [];
      if (device === '') continue;
      const values = words(rest).map(Number);
      for (const [direction, from] of [
        ['receive', 0],
        ['transmit', 8],
      ] as const) {
        to.add('counter', `node_network_${direction}_bytes_total`, values[from]!, { device }, 'By');
        to.add('counter', `node_network_${direction}_packets_total`, values[from + 1]!, { device });
        to.add('counter', `node_network_${direction}_errs_total`, values[from + 2]!, { device });
        to.add('counter', `node_network_${direction}_drop_total`, values[from + 3]!, { device });
      }
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
      const [, device, total, used, free, mountpoint] =
        /^(.*?)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(?:\d+%|-)\s+(\/.*)$/.exec(line) ?? [];
      if (device === undefined || mountpoint === undefined) continue;
      if (/^(tmpfs|devtmpfs|overlay|shm|udev|none)$/.test(device) && mountpoint !== '/') continue;
      add(to, { device, mountpoint }, [Number(total), Number(used), Number(free)]);
    }
  };
}
