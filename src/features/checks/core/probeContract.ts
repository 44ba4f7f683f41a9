import type { Host } from '../../../platform/inventory/model';
import type { Finding } from './probe';

/** As much of a host as probes look at. */
export type ProbedHost = Pick<Host, 'name' | 'address' | 'labels' | 'ssh'>;

/** A check as it was written: compiled settings cannot be sent. */
export interface WrittenCheck {
  type: string;
  input: Readonly<Record<string, unknown>>;
  directory: string;
}

/** Between a batch and the thread that takes a share of it; checks go by numbers. */
export interface ProbeContract {
  data: undefined;
  methods: {
    learn(check: number, written: WrittenCheck): void;
    probe(host: ProbedHost, check: number, signal: AbortSignal): Promise<Finding>;
    forget(checks: readonly number[]): void;
  };
  news: { ready(): void };
}
