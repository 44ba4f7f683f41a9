import { createHash } from 'node:crypto';
import { type ErrorReport, errorReport, type MusterError } from '../../errors/errors';
import { fanOut } from '../../batch/fanOut';
import type { Host } from '../../inventory/model';
import type { Giver } from './fileSession';
import { type FileFailure, FileError } from './fileError';
import { readFile, type HostFileInfo } from './readFiles';
import type { HostTransport } from '../hostTransport';

/** The file of one host: its content's digest, or why it could not be read. */
export interface HostFileResult {
  host: string;
  digest?: string;
  info?: HostFileInfo;
  error?: ErrorReport;
  failure?: FileFailure;
}

export interface ReadOnHostsOptions {
  concurrency: number;
  /** Milliseconds for one host. */
  timeoutMs: number;
  /** Bytes of a file that is read at most. */
  limit: number;
  signal?: AbortSignal;
  onResult?: (result: HostFileResult) => void;
}

/** Reads the same file on many hosts, keeping of each the digest only; never rejects. */
export function readOnHosts(
  pool: Pick<HostTransport, 'files'>,
  hosts: readonly Host[],
  path: string,
  { concurrency, timeoutMs, limit, signal, onResult }: ReadOnHostsOptions,
): Promise<HostFileResult[]> {
  const failed = (host: Host, error: unknown): HostFileResult => ({
    host: host.name,
    error: errorReport(error),
    ...(error instanceof FileError && { failure: error.failure }),
  });
  return fanOut<Host, HostFileResult>({
    targets: hosts,
    concurrency,
    deadlineMs: () => timeoutMs,
    work: async (host, deadline) => {
      const files = await pool.files(host, { deadline, overrideCircuit: true });
      try {
        const { bytes, info } = await readFile(files, path, limit, deadline satisfies Giver);
        return { host: host.name, info, digest: createHash('sha256').update(bytes).digest('hex') };
      } finally {
        files.close();
      }
    },
    failed,
    skipped: (host, reason: MusterError) => failed(host, reason),
    isFailure: ({ error }) => error !== undefined,
    signal,
    onResult,
  });
}
