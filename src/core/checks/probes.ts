import type { Probe } from './probe';
import { command } from './probes/command';
import { http } from './probes/http';
import { ssh } from './probes/ssh';
import { tcp } from './probes/tcp';
import { tls } from './probes/tls';

/** Every kind of check. A new one is a file beside these and an entry here. */
export const probes: readonly Probe[] = [http, tcp, tls, ssh, command];
