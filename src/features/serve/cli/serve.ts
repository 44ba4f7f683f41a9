import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Authority } from '../../../platform/host/host';
import { printable } from '../../../platform/text/printable';
import { buildFacts } from '../../../shell/cli/buildFacts';
import type { Cli } from '../../../shell/cli/cli';
import { exitStatus } from '../../../shell/cli/exitStatus';
import { openCore } from '../../../shell/cli/hosts/openCore';
import { openHosts, openInventory } from '../../../shell/cli/hosts/openInventory';
import { checkCount, t } from '../../../shell/cli/l10n';
import { NdjsonStream } from '../../../shell/cli/output/jsonOutput';
import { paintStatus } from '../../../shell/cli/output/status';
import { readSourcePasswords, withSourcePasswords } from '../../../shell/cli/terminal/sourcePasswords';
import { ownFolder } from '../../../shell/cli/terminal/ownKnownHosts';
import { terminalLogger } from '../../../shell/cli/terminal/terminalLogger';
import { planChecks } from '../../checks/core/checkBatch';
import type { StateChange } from '../core/checkStates';
import type { ListenPlace } from '../core/http/access';
import { HttpService } from '../core/http/serveHttp';
import { consentLines } from '../core/rules/ruleService';
import { Service } from '../core/service';
import { StateFile } from '../core/stateFile';
import { readConsents } from './secretFiles';
import { readServeOptions, type ServeOptions, tokenReader } from './serveOptions';

export type { ServeOptions };

/** Milliseconds for answers that are being read when it stops. */
const answersMs = 2_000;

/** Makes checks at intervals and serves their results until it is stopped. @throws UsageError, MusterError */
export async function serve(selectors: readonly string[], options: ServeOptions, cli: Cli): Promise<number> {
  const { terminal, interruption, cwd } = cli;
  if (options.listConsents) {
    const lines = consentLines(await openInventory(options, cli));
    interruption.dispose();
    await terminal.stdout.write(lines.map((line) => `${printable(line, 2_000)}\n`).join(''));
    return exitStatus.ok;
  }
  const settings = await readServeOptions(options, cli);
  const readToken = tokenReader(options, cwd);
  let token = await readToken();
  let consents = await readConsents(options, cwd);
  let passwords = await readSourcePasswords(options, cli);
  const load = async () => {
    const inventory = await openHosts(options, cli);
    return { inventory, targets: planChecks(inventory, selectors, options.check) };
  };
  const { inventory, targets } = await load();
  const concurrency = settings.concurrency ?? inventory.concurrency;
  const logger = terminalLogger(terminal, options.verbose ?? false);
  const core = openCore(inventory, options, cli, {
    authority: (person) => withSourcePasswords(nobody(options.acceptNew ?? false)(person), () => passwords),
    maxConnections: () => concurrency,
  });
  const lines = options.ndjson ? new NdjsonStream(terminal.stdout) : undefined;
  const stateFile = new StateFile(stateFileOf(options, inventory.file, cli), inventory.file, logger);
  const remembered = await stateFile.read();
  const service = new Service({
    ...settings,
    ...{ concurrency, logger, facts: buildFacts() },
    check: async (target, how) => (await core.check([target], { ...how, concurrency: 1 })).results[0]!,
    stateFile,
    load: async () => {
      const read = [
        await readToken(),
        await readConsents(options, cwd),
        await readSourcePasswords(options, cli),
      ] as const;
      const loaded = await load();
      [token, consents, passwords] = read;
      core.inventory = loaded.inventory;
      return loaded;
    },
    rules: {
      clusters: core.etcd,
      consents: () => consents,
      run: (hosts, command, signal) => core.run(hosts, { command: [command] }, { signal, maxOutput: 0 }),
    },
    changed: (change) => {
      if (change.before === undefined && change.state.judged === 'healthy') return;
      if (lines) lines.push(lineOf(change));
      else terminal.note(changeText(change, cli));
    },
  });
  const profile =
    options.cpuProfile === undefined
      ? undefined
      : new (await import('../core/cpuProfile')).CpuProfile(path.resolve(cwd, options.cpuProfile), logger);
  const recordAgain = () => profile?.toggle();
  let http: HttpService | undefined;
  try {
    http = await HttpService.start({
      ...settings,
      token: () => token,
      endpoints: service.endpoints.filter(({ name }) => settings.endpoints.has(name)),
      answered: (endpoint, status) => service.answered(endpoint, status),
      logger,
    });
    const stopped = interruption.asService(() => void service.reload());
    profile?.toggle();
    process.on('SIGUSR2', recordAgain);
    service.start(inventory, targets, remembered);
    terminal.note(
      t(
        'muster: {0} of {1}, served at {2}',
        checkCount(targets.length),
        inventory.file,
        placeText(settings, http.port),
      ),
    );
    await aborted(AbortSignal.any([stopped, interruption.signal]));
    terminal.note(t('muster: stopping'));
    await service.stop(settings.graceMs);
  } finally {
    process.off('SIGUSR2', recordAgain);
    await profile?.stop();
    await http?.stop(answersMs);
    await core.dispose();
    interruption.dispose();
  }
  await lines?.end();
  return interruption.exitStatus ?? exitStatus.ok;
}

/** Nobody is there to be asked, at whatever time of night. */
const nobody =
  (acceptNew: boolean) =>
  (person: Authority): Authority => ({
    unknownHostKey: (key, signal) =>
      acceptNew ? person.unknownHostKey(key, signal) : Promise.resolve('reject'),
    credential: () => Promise.resolve(undefined),
  });

function stateFileOf({ state }: ServeOptions, inventory: string, { env, cwd }: Cli): string {
  if (state !== undefined) return path.resolve(cwd, state);
  const name = createHash('sha256').update(inventory).digest('hex').slice(0, 16);
  return path.join(ownFolder(env), 'serve', `${name}.json`);
}

function placeText(
  { place, tls }: { place: ListenPlace; tls: object | undefined },
  port: number | undefined,
): string {
  if (place.kind === 'unix') return `unix:${place.path}`;
  const host = place.host.includes(':') ? `[${place.host}]` : place.host;
  return `${tls ? 'https' : 'http'}://${host}:${port}`;
}

function lineOf({ state: { target, judged, result, since }, before }: StateChange) {
  return {
    ...{ time: new Date(since!).toISOString(), host: target.host.name, check: target.check.name },
    ...{ status: judged, before, message: result?.message ?? '' },
  };
}

function changeText({ state: { target, judged, result, since } }: StateChange, { terminal }: Cli): string {
  const { colors } = terminal.stderr;
  const time = new Date(since!).toISOString().replace(/\.\d+/, '');
  const word = paintStatus(colors, judged!, t(judged!).padEnd(9));
  const message = printable(result?.message ?? '', 300);
  return `${colors.dim(time)}  ${word}  ${colors.bold(target.host.name)}  ${target.check.name}  ${message}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
