import type { ExtensionContext } from 'vscode';
import type { MusterExports } from '../../api/muster';
import { compose, type Composition } from './composition';

let composition: Composition | undefined;

/** Other extensions are given the versioned API, and nothing else. */
export function activate(context: ExtensionContext): MusterExports {
  composition = compose(context);
  return composition.exports;
}

export async function deactivate(): Promise<void> {
  await composition?.close();
}
