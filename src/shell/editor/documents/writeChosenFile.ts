import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Uri, workspace } from 'vscode';
import { writePrivateFile } from '../../../platform/files/privateFile';

/** Writes to where the user chose in a dialog: on this machine such that nobody else reads it. */
export async function writeChosenFile(
  uri: Uri,
  content: Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  if (uri.scheme === 'file') return writePrivateFile(uri.fsPath, content);
  const bytes = content instanceof Uint8Array ? content : await buffer(Readable.from(content));
  await workspace.fs.writeFile(uri, bytes);
}
