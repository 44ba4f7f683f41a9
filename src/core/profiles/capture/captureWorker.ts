// Runs in a worker thread, started by captureThread.ts.
import { writeFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorReport, errorReport } from '../../errors';
import { speak, type Texts } from '../../l10n';
import { mergeProfiles, type NamedProfile } from '../mergeProfiles';
import type { ValueType } from '../profile';
import { toPprof } from '../toPprof';
import { lossIn } from '../writtenProfile';
import { capturedProfile } from './capturedProfile';
import type { CaptureEnding } from './profiler';

export interface CaptureFile {
  host: string;
  file: string;
  ending: CaptureEnding;
}

/** Files to look into, and where to write the one profile of all of them, if there is to be one. */
export interface CaptureFiles {
  files: readonly CaptureFile[];
  merged?: string;
}

/** What the thread begins with, and the language that it speaks. */
export type CaptureThreadData = CaptureFiles & { texts: Texts };

export interface SeenFile {
  ending: CaptureEnding;
  valueTypes: readonly ValueType[];
  isEmpty: boolean;
  error?: ErrorReport;
}

export interface SeenCaptures {
  /** In the order of the files. */
  files: SeenFile[];
  /** Of the merged profile, if there is one. */
  merged?: { hosts: string[]; valueTypes: readonly ValueType[]; notes: readonly string[] };
}

async function look({ files, merged }: CaptureFiles): Promise<SeenCaptures> {
  const seen: SeenFile[] = [];
  const named: NamedProfile[] = [];
  for (const { host, file, ending } of files) {
    const { profile, error, ...rest } = await capturedProfile(file, ending);
    seen.push({
      ...rest,
      valueTypes: profile?.valueTypes ?? [],
      ...(error && { error: errorReport(error) }),
    });
    if (profile && merged !== undefined) named.push({ name: host, profile });
  }
  if (merged === undefined || named.length < 2) return { files: seen };
  const profile = mergeProfiles(named);
  await writeFile(merged, await toPprof(profile), { mode: 0o600 });
  const notes = [...profile.notes, ...lossIn('pprof', profile)];
  const hosts = named.map(({ name }) => name);
  return { files: seen, merged: { hosts, valueTypes: profile.valueTypes, notes } };
}

export type CaptureAnswer = { seen: SeenCaptures } | { error: ErrorReport };

const { texts, ...files } = workerData as CaptureThreadData;
speak(texts);
void look(files).then(
  (seen) => parentPort!.postMessage({ seen } satisfies CaptureAnswer),
  (error: unknown) => parentPort!.postMessage({ error: errorReport(error) } satisfies CaptureAnswer),
);
