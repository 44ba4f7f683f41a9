import { basename } from 'node:path/posix';
import type { Host } from '../../../../platform/inventory/model';
import { endedEarly } from './endedEarly';
import type { HostFacts } from './hostFacts';
import { hostScript, scriptError } from '../../../../platform/transport/hostScript';
import type { CaptureContext } from './profiler';
import { type Recording, recordScript } from './recordScript';
import { saveStream } from './saveStream';

export interface HostRecording extends Omit<Recording, 'pack'> {
  tool: string;
  sudo: boolean;
  facts: HostFacts;
}

/** Records on the host and writes the profile into the file of the capture. @throws MusterError */
export async function recordOnHost(
  host: Host,
  context: CaptureContext,
  { tool, sudo, facts, ...recording }: HostRecording,
): Promise<void> {
  if (context.finish?.aborted) throw endedEarly();
  const pack = facts.tools.has('gzip');
  context.entered('recording');
  const result = await hostScript(host, recordScript({ ...recording, pack }), context, {
    sudo,
    finish: context.finish,
    take: (stdout) => {
      stdout.once('data', () => context.entered('receiving'));
      stdout.pause();
      return saveStream(stdout, context.file, { unpack: pack });
    },
  });
  if (result.exitCode === 0) return;
  throw scriptError(host, basename(tool), result);
}
