import type { Probe } from './probe';
import { dns } from './probes/dns';
import { http } from './probes/http';
import { tcp } from './probes/tcp';
import { tls } from './probes/tls';

/** The kinds of checks that the second thread runs, and all of its code. */
export const socketProbes: readonly Probe[] = [http, tcp, tls, dns];
