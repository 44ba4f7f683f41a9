// `npm start`: builds Muster, starts the lab, does the main job on it from the shell, then opens the editor.
// `--headless` stops after the shell's part; the exit code tells whether the verdicts were right.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { ensureNodeModules, ensurePrograms, execute, findProgram, vscodePrograms } from './prerequisites.mjs';

const usage = `npm start                 builds Muster, starts the lab, checks it from the shell, and opens VS Code on it
npm start -- --headless   without VS Code; the exit code tells whether the verdicts were right`;
const words = process.argv.slice(2);
const unknown = words.find((word) => word !== '--headless');
if (unknown !== undefined) {
  const isHelp = ['--help', '-h'].includes(unknown);
  console.error(isHelp ? usage : `npm start does not know “${unknown}”.\n${usage}`);
  process.exit(isHelp ? 0 : 2);
}
const cli = resolve('dist', 'cli.js');
/** The extension then shows the Hosts view and its walkthrough: see src/features/lab/editor/tour.ts. */
const tour = { MUSTER_TOUR: '1' };

// Children that share the terminal get its Ctrl-C themselves; the lab also ends when its stdin closes.
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

await ensureNodeModules();
if ((await execute(process.execPath, ['scripts/build.mjs'])) !== 0) process.exit(1);
const lab = await startLab();
try {
  const isRight = await mainJob(lab.fleet);
  process.exitCode = isRight ? 0 : 1;
  if (!words.includes('--headless')) await openEditor(lab.fleet.workspace);
} finally {
  await lab.stop();
}

/** Resolves when the fleet is up. */
async function startLab() {
  const child = spawn(process.execPath, [cli, 'lab', '--json'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const ready = once(createInterface({ input: child.stdout }), 'line');
  const line = await Promise.race([ready.then(([text]) => text), ended.then(() => undefined)]);
  if (line === undefined) {
    console.error('The lab ended before it was ready.');
    process.exit(1);
  }
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  return { fleet: JSON.parse(line), stop };
}

/** A word as it can be pasted into a shell. */
function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Checks the fleet and runs a command on it as a person would; whether the verdicts are those it is built to give. */
async function mainJob({ inventory, hosts, sick }) {
  const muster = (...args) => {
    console.log(`\n$ muster ${args.map(quoted).join(' ')}`);
    return execute(process.execPath, [cli, ...args]);
  };
  console.log(
    `The lab is up: ${hosts} hosts, ${new Set(sick.map(({ host }) => host)).size} of them sick on purpose.`,
  );
  const from = ['--inventory', inventory];
  // First of all: the verdicts foretold are those of the next check, and of the one after it, which is shown.
  const { results } = JSON.parse(await outputOf('check', ...from, '--json'));
  await muster('check', ...from);
  // 1 tells that some hosts failed, as sick hosts may; anything above that nothing ran to its end.
  const ran = await muster('run', ...from, 'all', '--', 'uname -sr; uptime');

  const verdict = ({ host, check, status }) => `${host} ${check}: ${status}`;
  const found = new Set(results.filter(({ status }) => status !== 'healthy').map(verdict));
  const expected = new Set(sick.map(verdict));
  const missed = [...expected].filter((line) => !found.has(line));
  const unexpected = [...found].filter((line) => !expected.has(line));
  for (const line of missed) console.error(`not found: ${line}`);
  for (const line of unexpected) console.error(`not expected: ${line}`);
  const isRight = missed.length + unexpected.length === 0 && ran < 2;
  if (isRight)
    console.log(`\nAll ${expected.size} verdicts that the lab is built to give were found, and no other.`);
  return isRight;
}

async function outputOf(...args) {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (output += chunk));
  await once(child, 'close');
  return output;
}

/** Opens the lab's folder with the extension loaded and resolves when the editor closes or Ctrl-C is pressed. */
async function openEditor(workspace) {
  const onWindows = process.platform === 'win32';
  if (await findProgram(onWindows ? 'code.cmd' : 'code')) {
    console.log('\nOpening VS Code. The lab stops when its window closes, or with Ctrl-C.');
    const args = ['--wait', '--new-window', `--extensionDevelopmentPath=${resolve('.')}`, workspace];
    // A batch file runs in a shell only, which takes words apart at spaces.
    const words = onWindows ? args.map((arg) => `"${arg}"`) : args;
    await execute('code', words, { shell: onWindows, env: { ...process.env, ...tour } });
    return;
  }
  await ensurePrograms(vscodePrograms);
  const { importTypeScript } = await import('./importTypeScript.mjs');
  const { installVscode, vscodeVersions } = await importTypeScript('test/harness/vscodeInstallation.ts');
  const { startVscodeServer } = await importTypeScript('test/harness/vscodeServer.ts');
  const server = await startVscodeServer(await installVscode(vscodeVersions.at(-1), console.log), {
    development: { extension: resolve('.') },
    env: tour,
  });
  const door = await redirectTo(server.url(workspace));
  console.log(`\nVS Code with Muster: ${door.url}\nCtrl-C stops it and the lab.`);
  try {
    await interrupted();
  } finally {
    door.close();
    await server[Symbol.asyncDispose]();
  }
}

/** A short address on loopback for a long one. */
async function redirectTo(location) {
  const server = createServer((_, response) => response.writeHead(302, { location }).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
}

async function interrupted() {
  const signals = ['SIGINT', 'SIGTERM'];
  for (const signal of signals) process.removeAllListeners(signal);
  await Promise.race(signals.map((signal) => once(process, signal)));
}
