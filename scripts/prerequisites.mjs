// Installs what a command of this repository needs, or names what is missing and how to get it.
import { spawn } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The Debian package of each program that some suite needs. */
const packages = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  etcd: 'etcd-server',
  etcdctl: 'etcd-client',
  busybox: 'busybox',
  dnsmasq: 'dnsmasq-base',
  ping: 'iputils-ping',
  go: 'golang-go',
  chromium: 'chromium',
  'g++': 'g++',
  make: 'make',
  python3: 'python3',
  openssl: 'openssl',
  perf: 'linux-perf',
  javac: 'default-jdk-headless',
  jcmd: 'default-jdk-headless',
  mvn: 'maven',
  unzip: 'unzip',
  'eu-strip': 'elfutils',
  pip: 'python3-pip',
  skopeo: 'skopeo',
  readelf: 'binutils',
  'qemu-aarch64-static': 'qemu-user-static',
  'aarch64-linux-gnu-g++': 'g++-aarch64-linux-gnu',
  umoci: 'umoci',
  zsh: 'zsh',
  fish: 'fish',
  mandoc: 'mandoc',
  sudo: 'sudo',
  doas: 'opendoas',
  unshare: 'util-linux',
  dropbear: 'dropbear-bin',
  'redis-server': 'redis-server',
  nginx: 'nginx-light',
  'prometheus-node-exporter': 'prometheus-node-exporter',
  // psql comes with it.
  pg_ctlcluster: 'postgresql',
  'mariadb-install-db': 'mariadb-server',
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
};

/** What assembling VS Code's server takes: it compiles one addon. */
export const vscodePrograms = ['g++', 'make', 'python3'];

/** Milliseconds for an installation, after which the network is taken for dead. */
const timeout = 15 * 60_000;

const exists = (path) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Runs a program with this one's terminal; resolves with its exit code, 1 when it could not run or was killed. */
export const execute = (file, args, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(file, args, { stdio: 'inherit', ...options });
    child.on('error', (error) => {
      console.error(`${file}: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code, signal) => {
      if (signal) console.error(`${file} ${args.join(' ')} was ended by ${signal}.`);
      resolve(code ?? 1);
    });
  });

export async function ensureNodeModules() {
  if (await exists('node_modules')) return;
  console.log('Installing npm packages…');
  if ((await execute('npm', ['ci'], { timeout })) !== 0) fail('`npm ci` failed.');
}

/** The first of the folders in which programs live that has this one. */
export async function findProgram(name) {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']) {
    const file = join(folder, name);
    if (folder && (await exists(file))) return file;
  }
  return undefined;
}

export async function ensurePrograms(names) {
  const missing = [];
  for (const name of new Set(names)) if (!(await findProgram(name))) missing.push(name);
  const isRoot = process.getuid?.() === 0;
  if (missing.length > 0) {
    const wanted = missing.map((name) => packages[name]);
    if (!isRoot || !(await exists('/etc/debian_version'))) {
      const hint = `On Debian or Ubuntu: sudo apt-get install ${wanted.join(' ')}`;
      fail(`Missing programs: ${missing.join(', ')}.\n${hint}`);
    }
    await installDebianPackages(wanted);
  }
  // sshd refuses to start without it, and only its system service would create it.
  if (isRoot && names.includes('sshd')) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
}

async function installDebianPackages(names) {
  console.log(`Installing Debian packages: ${names.join(' ')}…`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // The tests start servers of their own: those that come with packages stay off.
  const policy = '/usr/sbin/policy-rc.d';
  const ownPolicy = !(await exists(policy));
  if (ownPolicy) await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await execute('apt-get', ['update', '-q'], { env, timeout });
    const install = ['install', '-q', '-y', '--no-install-recommends', ...names];
    if ((await execute('apt-get', install, { env, timeout })) !== 0) fail('`apt-get install` failed.');
  } finally {
    if (ownPolicy) await rm(policy);
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
