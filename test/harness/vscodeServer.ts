import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type ProcessGroup, startProcessGroup } from './processGroup';
import type { VscodeInstallation } from './vscodeInstallation';

export interface VscodeServerOptions {
  /** With Workspace Trust every folder is opened untrusted and asked about. Default: off, all is trusted. */
  workspaceTrust?: boolean;
  /** User settings, over the quiet ones that every server starts with. */
  settings?: Record<string, unknown>;
  development?: ExtensionDevelopment;
  /** Folders of unpacked extensions, which are copied. */
  extensions?: readonly string[];
  /** Added to the environment of the server and so of its extension host. */
  env?: NodeJS.ProcessEnv;
}

export interface VscodeServer extends AsyncDisposable {
  readonly installation: VscodeInstallation;
  readonly origin: string;
  /** Where a browser finds the workbench with `folder` opened. */
  url(folder: string): string;
  /** What the server printed last. */
  output(): string;
}

export interface ExtensionDevelopment {
  /** The folder of an unpacked extension, loaded into the real extension host. */
  extension?: string;
  /** A CommonJS module whose exported `run()` is called inside the extension host. */
  tests?: string;
}

/** Nothing that appears by itself: no welcome page, no tips, no assistants, no network. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.startupPrompt': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
};

/** Nothing is looked up in a gallery of extensions: all traffic stays on this machine. */
const noGallery = { EXTENSIONS_GALLERY: '{"serviceUrl":""}' };

/** Starts VS Code's server on a free loopback port with a data folder of its own. */
export async function startVscodeServer(
  installation: VscodeInstallation,
  { workspaceTrust = false, settings = {}, development, extensions = [], env = {} }: VscodeServerOptions = {},
): Promise<VscodeServer> {
  const data = await mkdtemp(join(tmpdir(), 'vscode-server-'));
  const userSettings = join(data, 'data', 'User', 'settings.json');
  let server: ProcessGroup | undefined;
  const dispose = async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(data, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    // Read when a workbench opens; what changes in the file later is not always noticed.
    await mkdir(dirname(userSettings), { recursive: true });
    await writeFile(userSettings, JSON.stringify({ ...quietSettings, ...settings }, undefined, 2));
    for (const folder of extensions)
      await cp(folder, join(data, 'extensions', basename(folder)), { recursive: true });
    const args = [
      ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token'],
      '--disable-telemetry',
      ...(development ? installation.developmentFlags : []),
      ...(workspaceTrust ? [] : ['--disable-workspace-trust']),
    ];
    server = await startServerProgram(installation, data, args, env);
    const [, port] = await server.outputMatches(/Extension host agent listening on (\d+)/);
    const authority = `127.0.0.1:${port}`;
    return {
      installation,
      origin: `http://${authority}`,
      url: (folder) => workbenchUrl(authority, folder, development),
      output: server.output,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** An extension as VS Code itself unpacks it, once for all servers that start with it. */
export async function installVsix(
  installation: VscodeInstallation,
  vsix: string,
): Promise<AsyncDisposable & { folder: string }> {
  const data = await mkdtemp(join(tmpdir(), 'vscode-extensions-'));
  const dispose = () => rm(data, { recursive: true, force: true, maxRetries: 5 });
  try {
    await using installer = await startServerProgram(installation, data, [
      '--install-extension',
      vsix,
      '--force',
    ]);
    await installer.outputMatches(/was successfully installed/, 120_000);
    const [extension] = (await readdir(join(data, 'extensions'), { withFileTypes: true })).filter((entry) =>
      entry.isDirectory(),
    );
    return { folder: join(data, 'extensions', extension!.name), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function startServerProgram(
  { node, folder }: VscodeInstallation,
  data: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ProcessGroup> {
  return startProcessGroup(
    node,
    ['out/server-main.js', '--accept-server-license-terms', '--server-data-dir', data, ...args],
    { cwd: folder, env: { ...process.env, ...noGallery, ...env } },
  );
}

function workbenchUrl(authority: string, folder: string, { extension, tests }: ExtensionDevelopment = {}) {
  const remote = (path: string) => `vscode-remote://${authority}${path}`;
  const payload = [['skipWelcome', 'true']];
  if (extension) payload.push(['extensionDevelopmentPath', remote(extension)]);
  if (tests) payload.push(['extensionTestsPath', remote(tests)]);
  const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
  return `http://${authority}/?${query.toString()}`;
}
