import type { ExtensionContext } from 'vscode';
import type { MusterExports } from '../../../api/muster';
import { compose, type Composition } from '../../../src/apps/composition';

/** What a user sees, which other extensions are not given. */
type Shown = Pick<Composition, 'ready' | 'hosts' | 'forwards' | 'profiles'>;

export interface MusterUnderTest extends MusterExports {
  readonly shown: Shown;
}

let composition: Composition | undefined;

/** As src/apps/extension.ts, with a door for suites and benchmarks. */
export function activate(context: ExtensionContext): MusterUnderTest {
  composition = compose(context);
  return { ...composition.exports, shown: composition };
}

export async function deactivate(): Promise<void> {
  await composition?.close();
}
