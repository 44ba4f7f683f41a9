import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { descendants } from './descendants';
import { type ProcessGroup, startProcessGroup } from './processGroup';
import { until } from './until';
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
  readonly process: ServerProcess;
  /** Where a browser finds the workbench with `folder` opened. */
  url(folder: string): string;
  /** The ends of what the server, its extension hosts and Muster logged. */
  log(): Promise<string>;
}

/** As much of a running server as other processes need to use it. */
export interface ServerProcess {
  readonly pid: number;
  /** Host and port. */
  readonly authority: string;
  /** Its folder of data: settings, what extensions store, logs. */
  readonly data: string;
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
  // A source that a test opens is only looked at: VS Code would fetch types for it with npm, and check it.
  'typescript.disableAutomaticTypeAcquisition': true,
  'typescript.tsserver.useSyntaxServer': 'always',
  // What nobody looks at costs half a core on machines without a graphics processor.
  'editor.cursorBlinking': 'solid',
  'editor.minimap.enabled': false,
  'workbench.reduceMotion': 'on',
};

/** Nothing is looked up in a gallery of extensions: all traffic stays on this machine. */
const noGallery = { EXTENSIONS_GALLERY: '{"serviceUrl":""}' };

/** Starts VS Code's server on a free loopback port with a data folder of its own; it stops when it is disposed. */
export async function startVscodeServer(
  installation: VscodeInstallation,
  { workspaceTrust = false, settings = {}, development, extensions = [], env = {} }: VscodeServerOptions = {},
): Promise<VscodeServer> {
  const data = await mkdtemp(join(tmpdir(), 'vscode-server-'));
  let server: ProcessGroup | undefined;
  const dispose = async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(data, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await writeUserSettings(data, settings);
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
    const running = { pid: server.pid, authority: `127.0.0.1:${port}`, data };
    return { ...viewOf(installation, running, development), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/**
 * A server that another process started, for one window after the other: when it is taken over, and when it is disposed,
 * it is as if it had just started. What the browser keeps (secrets, the global state of extensions, trusted folders, the
 * layout) begins empty with each context; what the server keeps for a user (settings, the folders that extensions store
 * in, the local history of files) is removed, and what extension hosts keep ends with them.
 */
export async function takeOver(
  installation: VscodeInstallation,
  running: ServerProcess,
  settings: Record<string, unknown> = {},
): Promise<VscodeServer> {
  const clear = async () => {
    await endExtensionHosts(running.pid);
    for (const kept of ['User', 'Machine', 'logs'])
      for (const name of await readdir(join(running.data, 'data', kept)).catch(() => []))
        await rm(join(running.data, 'data', kept, name), { recursive: true, force: true, maxRetries: 5 });
  };
  await clear();
  await writeUserSettings(running.data, settings);
  return { ...viewOf(installation, running), [Symbol.asyncDispose]: clear };
}

/** Read when a workbench opens; what changes in the file later is not always noticed. */
async function writeUserSettings(data: string, settings: Record<string, unknown>) {
  const file = join(data, 'data', 'User', 'settings.json');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ ...quietSettings, ...settings }, undefined, 2));
}

function viewOf(
  installation: VscodeInstallation,
  running: ServerProcess,
  development?: ExtensionDevelopment,
): Omit<VscodeServer, typeof Symbol.asyncDispose> {
  return {
    installation,
    process: running,
    url: (folder) => workbenchUrl(running.authority, folder, development),
    log: () => endsOfLogs(join(running.data, 'data', 'logs')),
  };
}

/** Milliseconds for an extension host to end by itself. */
const grace = 3000;

/** A server keeps the extension host of a window that has closed for hours, in case the window comes back. */
export async function endExtensionHosts(server: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const hosts = await extensionHosts(server);
  const remaining = (sent: NodeJS.Signals | 0) => hosts.filter((pid) => signalled(pid, sent)).length;
  remaining(signal);
  await until('end of the extension hosts', () => remaining(0) === 0, grace).catch(() => {
    remaining('SIGKILL');
    return until('end of the extension hosts', () => remaining(0) === 0, grace);
  });
}

/** The ids of the processes in which a server runs extensions. */
export async function extensionHosts(server: number): Promise<number[]> {
  const hosts: number[] = [];
  for (const pid of descendants(server)) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
    if (commandLine.includes('--type=extensionHost')) hosts.push(pid);
  }
  return hosts;
}

/** Whether the process was there to receive the signal. */
function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** The last lines of each log, the one written to last at the end. */
async function endsOfLogs(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const ends = files
    .filter((file) => file.isFile() && shownLogs.test(file.name))
    .map(async (file) => {
      const path = join(file.parentPath, file.name);
      const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
      return { mtimeMs, text: `── ${file.name}\n${text.split('\n').slice(-keptLines).join('\n')}` };
    });
  const read = await Promise.all(ends);
  return read
    .toSorted((one, other) => one.mtimeMs - other.mtimeMs)
    .map(({ text }) => text)
    .join('\n');
}

/** Not those of VS Code's own extensions. */
const shownLogs = /^(remoteagent|remoteexthost|Muster)/;
/** Of each log. */
const keptLines = 40;

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
