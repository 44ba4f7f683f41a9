import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { launchChromiumServer } from './launchChromium';
import {
  installVscode,
  type VscodeInstallation,
  type VscodeVersion,
  vscodeVersions,
} from './vscodeInstallation';
import { installVsix, type ServerProcess, startVscodeServer } from './vscodeServer';

/** A server of VS Code with Muster installed and a browser, which the files of one worker use one after the other. */
export interface SharedEditor {
  readonly server: ServerProcess;
  /** Where `connectChromium` finds the browser. */
  readonly browser: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The packaged extension: what is shipped is what is tested. */
    vsix: string;
    /** The folder in which VS Code unpacked it. */
    extension: string;
    vscodeVersion: VscodeVersion;
    /** One for each worker. */
    editors: SharedEditor[];
  }
}

/**
 * Set-up of the projects that use the packaged extension. Packs it, unless `MUSTER_VSIX` names one, installs it, and
 * starts what the workers share.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const vsix = process.env['MUSTER_VSIX'] ?? (await pack());
  const version = vscodeVersions.find((known) => known === process.env['MUSTER_VSCODE']) ?? vscodeVersions[0];
  const installation = await installVscode(version, console.log);
  const opened: AsyncDisposable[] = [];
  const close = async () => {
    for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
  };
  try {
    const extension = await installVsix(installation, vsix);
    opened.push(extension);
    const editors = await Promise.all(
      Array.from({ length: project.config.maxWorkers ?? 1 }, () =>
        startEditor(installation, extension.folder, opened),
      ),
    );
    project.provide('vsix', vsix);
    project.provide('extension', extension.folder);
    project.provide('vscodeVersion', version);
    project.provide('editors', editors);
    return close;
  } catch (error) {
    await close();
    throw error;
  }
}

async function startEditor(
  installation: VscodeInstallation,
  extension: string,
  opened: AsyncDisposable[],
): Promise<SharedEditor> {
  const server = await startVscodeServer(installation, { extensions: [extension] });
  opened.push(server);
  const browser = await launchChromiumServer();
  opened.push(browser);
  return { server: server.process, browser: browser.wsEndpoint() };
}

async function pack(): Promise<string> {
  const vsix = resolve('test-results', 'muster.vsix');
  await promisify(execFile)(process.execPath, ['scripts/package.mjs', '--out', vsix]);
  return vsix;
}
