import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commands, l10n, ProgressLocation, Uri, window } from 'vscode';
import { makeFolder } from '../../../../platform/files/makeFolder';
import { writePrivateFile } from '../../../../platform/files/privateFile';
import { CpuRecording, longestRecordingMs } from '../../../../platform/operation/cpuRecording';

let isRecording = false;

/**
 * Records what the extension host does, with all extensions in it, until the user stops it, and opens the flame graph. Of
 * these profiles the last one is kept, in `folder`.
 */
export async function profileExtensionHost(folder: string): Promise<void> {
  if (isRecording) {
    void window.showInformationMessage(l10n.t('A recording is under way: its notification ends it.'));
    return;
  }
  isRecording = true;
  try {
    const recording = await CpuRecording.begin();
    await window.withProgress(
      {
        ...{ location: ProgressLocation.Notification, cancellable: true },
        title: l10n.t('Recording the extension host: Cancel ends it and opens the profile'),
      },
      (_, token) =>
        new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, longestRecordingMs);
          token.onCancellationRequested(() => {
            clearTimeout(timer);
            resolve();
          });
        }),
    );
    const profile = await recording.end();
    await rm(folder, { recursive: true, force: true });
    await makeFolder(folder);
    // A name of its own: a graph that is open still shows the one before.
    const time = new Date().toISOString().replaceAll(':', '-').slice(0, 19);
    const file = join(folder, `extension-host-${time}.cpuprofile`);
    await writePrivateFile(file, profile);
    await commands.executeCommand('vscode.openWith', Uri.file(file), 'muster.flameGraph');
  } finally {
    isRecording = false;
  }
}
