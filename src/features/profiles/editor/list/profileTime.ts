import { type Uri, workspace } from 'vscode';
import type { CaptureStore } from '../capture/captureStore';

/** When a profile was taken: captured by Muster, or else when its file was written last. */
export interface ProfileTime {
  /** Milliseconds since the epoch. */
  at: number;
  isCaptured: boolean;
}

/** undefined for a file that is gone. */
export async function profileTime(uri: Uri, captures: CaptureStore): Promise<ProfileTime | undefined> {
  const capture = (await captures.all()).find((one) => captures.pathOf(one) === uri.fsPath);
  if (capture) return { at: capture.startedAt, isCaptured: true };
  try {
    return { at: (await workspace.fs.stat(uri)).mtime, isCaptured: false };
  } catch {
    return undefined;
  }
}
