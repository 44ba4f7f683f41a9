import { readExposition } from '../../src/features/metrics/core/exposition/readExposition';
import { readPerfData } from '../../src/features/metrics/core/sources/hsperfdata';
import { readParts } from '../../src/features/metrics/core/sources/linux';
import { readStatus } from '../../src/features/metrics/core/sources/mysql';
import { readStubStatus } from '../../src/features/metrics/core/sources/nginx';
import { readRows } from '../../src/features/metrics/core/sources/postgres';
import { readInfo } from '../../src/features/metrics/core/sources/redis';
import type { HostileReader } from './hostileReaders';

const perfData = Buffer.alloc(32 + 40);
perfData.set([0xca, 0xfe, 0xc0, 0xc0, 1, 2, 0, 1]);
perfData.writeInt32LE(32, 24);
perfData.writeInt32LE(1, 28);
perfData.writeInt32LE(40, 32);
perfData.writeInt32LE(20, 36);
perfData.set(['J'.charCodeAt(0), 0, 1, 2], 44);
perfData.writeInt32LE(32, 48);
perfData.set(Buffer.from('a.b\0'), 52);

/** What reads metrics of hosts. */
export const metricReaders: readonly HostileReader[] = [
  {
    name: 'pages of metrics',
    material: {
      samples: [
        '# TYPE a counter\na_total{b="c\\n"} 1 2 # {d="e"} 1 2\n{"é","f"="g"} NaN\n# EOF\n',
        '# HELP h x\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
      ],
      pieces: ['{', '}', '"', '\\', ',', '=', '#', ' ', '\n', '\r', 'le="', '1e999', '# TYPE ', '\u2028'],
    },
    read: (input) => {
      for (const format of ['prometheus', 'openmetrics'] as const) readExposition(input.toString(), format);
    },
    isRefusal: () => false,
  },
  {
    name: 'hsperfdata',
    material: { samples: [perfData], pieces: [Buffer.alloc(4, 0xff), Buffer.alloc(4), Buffer.from([0x7f])] },
    read: (input) => readPerfData(input),
    isRefusal: (error) => error instanceof RangeError && /^(it |its |entry |the JVM )/.test(error.message),
  },
  {
    name: 'statistics of services and the kernel',
    material: {
      samples: [
        '@stat\ncpu0 1 2 3 4 5 6 7 8\n@diskstats\n8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n@cgroups\n./a/cpu.max 1 2\n@end\n',
        'run_id:1\r\nused_memory:5\r\ncmdstat_a:calls=1,usec=2\r\ndb0:keys=1\r\n',
        '["a", "gauge", {"b": "c"}, 1]\nThreads_running\t2\n',
        'Active connections: 1 \nserver accepts handled requests\n 1 1 1 \nReading: 0 Writing: 1 Waiting: 0 \n',
      ],
      pieces: ['@', ':', '=', ',', '\t', ' ', '\n', '"', '[', '{', '-1', '9'.repeat(400), '/'],
    },
    read: (input) => {
      const text = input.toString();
      for (const read of [readParts, readInfo, readRows, readStatus, readStubStatus]) read(text);
    },
    isRefusal: () => false,
  },
];
