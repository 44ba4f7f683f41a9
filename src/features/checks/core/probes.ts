import type { Probe } from './probe';
import { command } from './probes/command';
import { etcd } from './probes/etcd';
import { icmp } from './probes/icmp';
import { metric } from './probes/metric';
import { ssh } from './probes/ssh';
import { socketProbes } from './socketProbes';

/** Every kind of check. A new one is a file in `probes/` and an entry here, or there if it needs sockets only. */
export const probes: readonly Probe[] = [...socketProbes, icmp, ssh, command, etcd, metric];
