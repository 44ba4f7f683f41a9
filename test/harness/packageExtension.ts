import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { installVscode, type VscodeVersion, vscodeVersions } from './vscodeInstallation';
import { installVsix } from './vscodeServer';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packaged extension: what is shipped is what is tested. */
    vsix: string;
    /** The folder in which VS Code unpacked it. */
    extension: string;
    vscodeVersion: VscodeVersion;
  }
}

/** Set-up of the projects that use the packaged extension. Packs it, unless `MUSTER_VSIX` names one, and installs it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const vsix = process.env['MUSTER_VSIX'] ?? (await pack());
  const version = vscodeVersions.find((known) => known === process.env['MUSTER_VSCODE']) ?? vscodeVersions[0];
  const extension = await installVsix(await installVscode(version, console.log), vsix);
  project.provide('vsix', vsix);
  project.provide('extension', extension.folder);
  project.provide('vscodeVersion', version);
  return async () => extension[Symbol.asyncDispose]();
}

async function pack(): Promise<string> {
  const vsix = resolve('test-results', 'muster.vsix');
  await promisify(execFile)(process.execPath, ['scripts/package.mjs', '--out', vsix]);
  return vsix;
}
