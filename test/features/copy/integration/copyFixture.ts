import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  copyBatch,
  type TransferEvent,
  type TransferOptions,
  type TransferResult,
} from '../../../../src/features/copy/core/copyBatch';
import { fetchBatch } from '../../../../src/features/copy/core/fetchBatch';
import type { Host } from '../../../../src/platform/inventory/model';
import type { HostTransport } from '../../../../src/platform/transport/hostTransport';

export type Settings = Partial<Omit<TransferOptions, 'transport'>>;

/** Copies to one host, and gives what came of it. */
export async function copyTo(
  transport: HostTransport,
  host: Host,
  sources: readonly string[],
  destination: string,
  settings: Settings = {},
): Promise<TransferResult> {
  const request = { sources, destination, cwd: '/' };
  const { results } = await copyBatch([host], request, { concurrency: 1, transport, ...settings });
  return results[0]!;
}

export async function fetchFrom(
  transport: HostTransport,
  host: Host,
  source: string,
  folder: string,
  settings: Settings = {},
): Promise<TransferResult> {
  const { results } = await fetchBatch(
    [host],
    { source, folder, cwd: '/' },
    { concurrency: 1, transport, ...settings },
  );
  return results[0]!;
}

/** Does something once, when so many bytes have been moved. */
export function afterBytes(bytes: number, act: () => void): (event: TransferEvent) => void {
  let moved = 0;
  let isDone = false;
  return (event) => {
    if (event.kind !== 'moved') return;
    moved += event.bytes;
    if (isDone || moved < bytes) return;
    isDone = true;
    act();
  };
}

/** Names below a folder, all levels. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

/** Names that a copy has made and that are not in their place. */
export async function temporaryIn(folder: string): Promise<string[]> {
  return (await namesIn(folder)).filter((name) => name.includes('.muster-'));
}

export interface Scratch extends AsyncDisposable {
  path: string;
}

export async function scratch(): Promise<Scratch> {
  const path = await mkdtemp(join(tmpdir(), 'muster-copy-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
