import { toMusterError } from '../../../../platform/errors/errors';
import { openRegularFile } from '../../../../platform/files/regularFile';
import type { RangedFile } from './rangedFile';

/** Opens a file of this machine for reading in parts. @throws MusterError */
export async function openLocalFile(path: string): Promise<RangedFile> {
  try {
    const { handle, status } = await openRegularFile(path);
    const { size, mtimeMs } = status;
    const file = {
      host: '',
      path,
      size,
      modified: mtimeMs,
      read: async (offset: number, length: number) => {
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset);
        if (offset + bytesRead > file.size) {
          file.size = offset + bytesRead;
          file.modified = Date.now();
        }
        return buffer.subarray(0, bytesRead);
      },
      close: () => handle.close(),
    };
    return file;
  } catch (error) {
    throw toMusterError(error, { hint: 'Check that the file exists and may be read.' });
  }
}
