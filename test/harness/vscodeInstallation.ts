import { execFile } from 'node:child_process';
import { access, chmod, copyFile, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The oldest version that Muster supports, and today's. */
export const vscodeVersions = ['1.100.3', '1.139.1'] as const;
export type VscodeVersion = (typeof vscodeVersions)[number];

export interface VscodeInstallation {
  readonly version: VscodeVersion;
  /** The Node.js binary that this version of VS Code runs on. */
  readonly node: string;
  /** The folder with `out/server-main.js`. */
  readonly folder: string;
  /**
   * What lets a page ask for an extension under development. Kept away from other runs: with it the newer
   * version shows no notification toasts, and the older one, which needs nothing, refuses modal dialogs.
   */
  readonly developmentFlags: readonly string[];
}

interface Edition {
  /** The npm package that carries VS Code's own server, workbench and extension host. */
  codeServer: string;
  node: string;
  /** Searches of the extension host need it; the older package would download it when it is installed. */
  ripgrep?: string;
  developmentFlags: readonly string[];
}

const editions: Record<VscodeVersion, Edition> = {
  '1.100.3': { codeServer: '4.100.3', node: '20.20.2', ripgrep: '1.18.0', developmentFlags: [] },
  '1.139.1': { codeServer: '4.139.1', node: '24.21.0', developmentFlags: ['--enable-smoke-test-driver'] },
};

const platform = `${process.platform}-${process.arch}`;
const cache = resolve('.vscode-test');

/**
 * Installs VS Code's server from npm below `.vscode-test/` unless it is there already (one minute, once).
 * It is put together in a folder of this process and renamed when it is complete, so that an interrupted
 * installation is never taken for a good one. Needs a C++ compiler, make and python3.
 */
export async function installVscode(
  version: VscodeVersion,
  log: (line: string) => void = () => {},
): Promise<VscodeInstallation> {
  const home = join(cache, version);
  const installation = {
    version,
    node: join(home, 'node_modules', `node-${platform}`, 'bin', 'node'),
    folder: join(home, 'node_modules', 'code-server', 'lib', 'vscode'),
    developmentFlags: editions[version].developmentFlags,
  };
  const isInstalled = () => exists(join(home, 'installed'));
  if (await isInstalled()) return installation;

  log(`installing VS Code ${version} into ${home}`);
  await removeAbandoned();
  const scratch = join(cache, `${version}.partial-${process.pid}`);
  try {
    await assemble(scratch, editions[version], log);
    // Another process may have been quicker, and use it already.
    if (!(await isInstalled())) {
      await rm(home, { recursive: true, force: true });
      await rename(scratch, home);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return installation;
}

async function assemble(home: string, { codeServer, node, ripgrep }: Edition, log: (line: string) => void) {
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'package.json'), '{ "private": true }');
  // Post-install scripts refuse root or download binaries, so what they would do is done here.
  const install = (folder: string, ...packages: string[]) =>
    npm(folder, ['install', '--omit=dev', '--ignore-scripts', ...packages], log);

  const packages = [`code-server@${codeServer}`, `node-${platform}@${node}`];
  if (ripgrep) packages.push(`@vscode/ripgrep-universal@${ripgrep}`);
  await install(home, ...packages);

  const modules = join(home, 'node_modules');
  const vscode = join(modules, 'code-server', 'lib', 'vscode');
  await install(vscode);
  await install(join(vscode, 'extensions'));
  // Logs, and with them output channels, are the only need for a compiled addon: the others are optional.
  await npm(vscode, ['rebuild', '@vscode/spdlog'], log, {
    npm_config_nodedir: join(modules, `node-${platform}`),
  });
  await symlink('node_modules', join(vscode, 'node_modules.asar'));
  if (ripgrep) {
    const bin = join(vscode, 'node_modules', '@vscode', 'ripgrep', 'bin');
    await mkdir(bin);
    await copyFile(join(modules, '@vscode', 'ripgrep-universal', 'bin', platform, 'rg'), join(bin, 'rg'));
    await chmod(join(bin, 'rg'), 0o755);
  }
  await writeFile(join(home, 'installed'), `${new Date().toISOString()}\n`);
}

async function npm(cwd: string, args: string[], log: (line: string) => void, env: NodeJS.ProcessEnv = {}) {
  log(`npm ${args.join(' ')}`);
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  await promisify(execFile)('npm', [...args, ...quiet], {
    cwd,
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Removes what installations left that were killed: partial folders whose process no longer runs. */
async function removeAbandoned() {
  await mkdir(cache, { recursive: true });
  for (const name of await readdir(cache)) {
    const pid = Number(/\.partial-(\d+)$/.exec(name)?.[1]);
    if (pid && !isRunning(pid)) await rm(join(cache, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
