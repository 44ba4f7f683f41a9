// Runs in a worker thread, started by captureThread.ts.
import { writeFile } from 'node:fs/promises';
import { errorReport } from '../../../../platform/errors/errors';
import { serveThread } from '../../../../platform/threads/serveThread';
import { mergeProfiles, type NamedProfile } from '../analysis/mergeProfiles';
import { toPprof } from '../formats/toPprof';
import { lossIn } from '../formats/writtenProfile';
import type { CaptureContract, CaptureFiles, SeenCaptures, SeenFile } from './captureContract';
import { capturedProfile } from './capturedProfile';

serveThread<CaptureContract>(() => ({ look }));

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
