// `npm run package:image`: an image of the single executable as an OCI archive, without a container engine. `--binary FILE`
// instead of dist/binary/muster-linux-x64, `--out FILE` instead of dist/muster-VERSION-oci.tar. `--root FOLDER` writes
// what is in its layers there instead, for the Dockerfile, which makes the same with an engine.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { sourceOf } from './builtFrom.mjs';
import { sha256 } from './sums.mjs';

const run = promisify(execFile);
const { version, license, repository } = JSON.parse(await readFile('package.json', 'utf8'));
const { values } = parseArgs({
  options: {
    binary: { type: 'string', default: 'dist/binary/muster-linux-x64' },
    out: { type: 'string', default: `dist/muster-${version}-oci.tar` },
    root: { type: 'string' },
  },
});

/** Nobody else has this number: the one that images without a shell commonly use. */
const user = { id: 65532, home: 'home/muster' };
const { commit, date } = await sourceOf('.');
const created = `${date ?? '1970-01-01'}T00:00:00Z`;

const layers = [
  { holds: 'libraries', write: writeLibraries, owner: 0 },
  { holds: 'program', write: writeProgram, owner: 0 },
  // Where host keys that it accepts are written.
  { holds: 'home', write: (root) => mkdir(join(root, user.home), { recursive: true }), owner: user.id },
];

if (values.root !== undefined) for (const layer of layers) await fill(values.root, layer);
else await writeImage();

async function writeImage() {
  const folder = await mkdtemp(join(tmpdir(), 'muster-image-'));
  try {
    await writeArchive(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeArchive(folder) {
  const layout = join(folder, 'layout');
  const written = [];
  for (const layer of layers) written.push(await writeLayer(folder, layer));
  const unpacked = written.map(({ tar }) => `sha256:${sha256(tar)}`);
  const config = await writeBlob(layout, 'application/vnd.oci.image.config.v1+json', configOf(unpacked));
  const manifest = await writeBlob(layout, 'application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config,
    layers: written.map(({ blob }) => blob),
    annotations: labels(),
  });
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': version } };
  await put(layout, 'index.json', JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  await put(layout, 'oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await mkdir(dirname(values.out), { recursive: true });
  await archive(layout, values.out, 0);
  const { size } = await stat(values.out);
  console.log(`${values.out}: ${(size / 1024 ** 2).toFixed(1)} MiB, ${manifest.digest}`);
}

function labels() {
  const facts = {
    title: 'muster',
    description: 'Health checks and commands on fleets of hosts, over verified SSH.',
    ...{ version, created, licenses: license, revision: commit, source: repository?.url },
  };
  const known = Object.entries(facts).filter(([, value]) => value);
  return Object.fromEntries(known.map(([name, value]) => [`org.opencontainers.image.${name}`, value]));
}

function configOf(diffIds) {
  return {
    ...{ created, architecture: 'amd64', os: 'linux' },
    config: {
      User: `${user.id}:${user.id}`,
      Env: ['PATH=/usr/local/bin', `HOME=/${user.home}`],
      Entrypoint: ['/usr/local/bin/muster'],
      WorkingDir: '/work',
      Labels: labels(),
    },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: layers.map(({ holds }) => ({ created, created_by: `scripts/ociImage.mjs: ${holds}` })),
  };
}

async function writeLayer(folder, layer) {
  const root = await fill(folder, layer);
  await archive(root, `${root}.tar`, layer.owner);
  const tar = await readFile(`${root}.tar`);
  const type = 'application/vnd.oci.image.layer.v1.tar+gzip';
  return { tar, blob: await writeBlob(join(folder, 'layout'), type, gzipSync(tar)) };
}

/** @returns the folder with what is in the layer */
async function fill(folder, { holds, write }) {
  const root = join(folder, holds);
  await mkdir(root, { recursive: true });
  await write(root);
  return root;
}

/** @returns the descriptor by which other parts of the image name this one */
async function writeBlob(layout, mediaType, content) {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  const digest = sha256(bytes);
  await put(layout, `blobs/sha256/${digest}`, bytes);
  return { mediaType, digest: `sha256:${digest}`, size: bytes.length };
}

/** A tar that says nothing about when and by whom it was made. */
async function archive(root, file, owner) {
  await run('tar', [
    ...['--create', '--file', file, '--directory', root, '--format=ustar', '--sort=name'],
    ...[
      '--mode=u=rwX,go=rX',
      `--mtime=${created}`,
      `--owner=${owner}`,
      `--group=${owner}`,
      '--numeric-owner',
    ],
    ...(await readdir(root)).sort(),
  ]);
}

/** Files of the system that the executable is loaded with, and their licences. */
async function writeLibraries(root) {
  const { stdout } = await run('ldd', [values.binary]);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, file]) => file);
  const owners = new Set();
  for (const library of libraries) {
    await put(root, library.slice(1), await readFile(library), 0o755);
    owners.add(await ownerOf(library));
  }
  for (const owner of owners) {
    const licence = `usr/share/doc/${owner}/copyright`;
    await put(root, licence, await readFile(`/${licence}`));
  }
  const { id, home } = user;
  await mkdir(join(root, 'work'));
  await put(root, 'etc/passwd', `muster:x:${id}:${id}:muster:/${home}:/sbin/nologin\n`);
  await put(root, 'etc/group', `muster:x:${id}:\n`);
}

/** The Debian package of a library, which dpkg may know by the path before /lib was a link to /usr/lib. */
async function ownerOf(library) {
  const ask = (file) => run('dpkg-query', ['--search', file]).catch(() => undefined);
  const known = (await ask(library)) ?? (await ask(`/usr${library}`));
  if (known === undefined)
    throw new Error(`${library} belongs to no package of Debian, so its licence is not known.`);
  return known.stdout.split(':')[0];
}

async function writeProgram(root) {
  await put(root, 'usr/local/bin/muster', await readFile(values.binary), 0o755);
  for (const licence of ['LICENSE', 'THIRD-PARTY-NOTICES.txt', 'LICENSE-node.txt'])
    await put(root, `usr/share/doc/muster/${licence}`, await readFile(join(dirname(values.binary), licence)));
}

async function put(root, name, content, mode = 0o644) {
  const file = join(root, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  await chmod(file, mode);
}
