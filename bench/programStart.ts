import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Sample } from './measure';
import { peakCommand, peakMemoryMb } from './peakCommand';

export const megabytes = async (file: string) => (await stat(file)).size / 1e6;

/** Starts programs; the sizes of each are found once. `time` is GNU's. */
export function startOf(time: string) {
  const sizes = new Map<string, Promise<Pick<Sample, 'fileMb' | 'imageMb'>>>();
  const sizesOf = async (file: string, inImage: readonly string[]) => ({
    fileMb: await megabytes(file),
    imageMb: await imageMb([file, ...inImage]),
  });
  return async (
    command: readonly [string, ...string[]],
    inImage: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): Promise<Sample> => {
    const key = command.join(' ');
    if (!sizes.has(key)) sizes.set(key, sizesOf(await realpath(command[0]), inImage));
    return {
      ...(await peakCommand(command, env)),
      memoryMb: await peakMemoryMb(time, command, env),
      ...(await sizes.get(key)),
    };
  };
}

// As a layer of an image is packed. ldd ends with 1 for what is linked with nothing.
const script = `
files() { find -L "$@" -type f -not -path '*/__pycache__/*' -not -path '*/test/*'; }
libraries() { find -L "$@" -type f \\( -name '*.so*' -o -perm /111 \\) -exec ldd {} + 2>/dev/null | grep -oP '/\\S+(?= \\(0x)'; }
{ files "$@"; libraries "$@"; } | sort -u | tar -chf - --absolute-names --files-from - | gzip | wc -c`;

/** Millions of bytes of an image from nothing with these files and folders, and the libraries that they are linked with. */
async function imageMb(paths: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)('bash', ['-c', script, 'bash', ...paths]);
  return Number(stdout) / 1e6;
}
