import { createHash } from 'node:crypto';
import { FileRefusal, readRegularFile, withRegularFile } from '../../../platform/files/regularFile';

const pieceBytes = 256 * 1024;

/** SHA-256 of a file, as hexadecimal digits. */
export function hashOfFile(file: string): Promise<string> {
  return withRegularFile(file, async (handle) => {
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafe(pieceBytes);
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, pieceBytes, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, bytesRead));
    }
  });
}

/** What a file holds; undefined where that is more than `limit` bytes, or it is not a regular file. */
export async function textOfFile(file: string, limit: number): Promise<Buffer | undefined> {
  try {
    return await readRegularFile(file, limit);
  } catch (error) {
    if (error instanceof FileRefusal) return undefined;
    throw error;
  }
}
