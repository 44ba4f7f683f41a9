import { expect, inject } from 'vitest';
import { connectChromium, launchChromium } from './launchChromium';
import { installVscode } from './vscodeInstallation';
import type { SharedEditor } from './sharedEditors';
import { startVscodeServer, takeOver } from './vscodeServer';
import { Workbench, type WorkbenchOptions } from './workbench';

export interface MusterOptions extends Pick<WorkbenchOptions, 'locale'> {
  /** With Workspace Trust, on a server of its own: every folder is opened untrusted and asked about. */
  workspaceTrust?: boolean;
  /** User settings. */
  settings?: Record<string, unknown>;
}

/** The server and the browser of this worker. */
export const sharedEditor = (): SharedEditor => inject('editors')[Number(process.env['VITEST_POOL_ID']) - 1]!;

/** VS Code on `folder` with the packaged Muster installed, in the server and the browser of this worker. */
export async function openMuster(
  folder: string,
  { locale, workspaceTrust, settings }: MusterOptions = {},
): Promise<Workbench> {
  const installation = await installVscode(inject('vscodeVersion'));
  const shared = sharedEditor();
  const extensions = [inject('extension')];
  const server = workspaceTrust
    ? await startVscodeServer(installation, { workspaceTrust, settings, extensions })
    : await takeOver(installation, shared.server, settings);
  const workbench = await Workbench.open(server, folder, {
    locale,
    // The browser of all may have crashed in the file before.
    browser: connectChromium(shared.browser).catch(() => launchChromium()),
    closing: () => closing(workbench),
  });
  open.add(workbench);
  if (!isTesting) unproved.add(workbench);
  try {
    await workbench.activityBarItem('Muster').waitFor();
    await workbench.settled();
    return workbench;
  } catch (error) {
    unproved.add(workbench);
    await workbench[Symbol.asyncDispose]();
    throw error;
  }
}

/** The workbenches that are open, and those of them that no test has used so far. */
const open = new Set<Workbench>();
const unproved = new Set<Workbench>();
let isTesting = false;

/** Called before each test. */
export function testBegins(): void {
  isTesting = true;
  unproved.clear();
}

/** Called after each test. When it `failed`, each workbench that is open shows why, as far as it knows. */
export async function testEnds(failed: string | undefined): Promise<void> {
  isTesting = false;
  if (failed !== undefined) for (const workbench of open) await workbench.show(failed);
}

/** A workbench that closes before any test has used it was opened by a hook that failed. */
async function closing(workbench: Workbench): Promise<void> {
  open.delete(workbench);
  if (unproved.delete(workbench)) await workbench.show(expect.getState().testPath ?? 'opening');
}
