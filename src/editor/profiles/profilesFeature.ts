import { commands, Uri } from 'vscode';
import type { SourceFrame } from '../../core/profiles/sources/sourcePath';
import { Disposables } from '../disposables';
import type { Services } from '../services';

/** Captured and opened profiles, and what leads from them to the sources. */
export function profilesFeature({ registry }: Services): Disposables {
  const owned = new Disposables();
  registry.register({
    'muster.openFlameGraph': (uri?: unknown) => {
      if (uri instanceof Uri) return commands.executeCommand('vscode.openWith', uri, 'muster.flameGraph');
      return undefined;
    },
    'muster.openFrameSource': async (frame?: unknown, profileUri?: unknown) => {
      if (!isFrame(frame)) return undefined;
      const { openFrameSource } = await import('./openFrameSource');
      return openFrameSource(frame, profileUri instanceof Uri ? profileUri : undefined);
    },
  });
  return owned;
}

function isFrame(value: unknown): value is SourceFrame {
  const { name, file, line, column } = (value ?? {}) as Partial<Record<keyof SourceFrame, unknown>>;
  return (
    typeof name === 'string' &&
    ['string', 'undefined'].includes(typeof file) &&
    [line, column].every((number) => number === undefined || Number.isInteger(number))
  );
}
