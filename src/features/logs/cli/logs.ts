import { errorChain } from '../../../platform/errors/errors';
import { parseDuration, durationPattern } from '../../../platform/inventory/schema/duration';
import type { Host, Inventory } from '../../../platform/inventory/model';
import { selectHosts } from '../../../platform/inventory/selection/selector';
import { parseFieldConditions } from '../core/filter/fieldConditions';
import type { LogFilter, TextPattern } from '../core/filter/logFilter';
import { type LogLevel, logLevels } from '../core/recognise/logLevel';
import type { LogSession, LogStart, LogTarget } from '../core/logSession';
import type { LogOrigin } from '../core/logSource';
import type { Logs } from '../core/logs';
import type { LogStream } from '../core/logStream';
import { printable } from '../../../platform/text/printable';
import type { Cli } from '../../../shell/cli/cli';
import { exitStatus, UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';
import { type BecomeOptions, readBecome } from '../../../shell/cli/hosts/become';
import { openCore } from '../../../shell/cli/hosts/openCore';
import { openHosts } from '../../../shell/cli/hosts/openInventory';
import type { CommonOptions } from '../../../shell/cli/options';
import { statusOfHosts } from '../../../shell/cli/hosts/unknownHosts';
import { LogPrinter } from './logPrinter';
import { inventoryLogs } from '../core/inventoryLog';

export interface LogsCommandOptions extends CommonOptions, BecomeOptions {
  source?: string[];
  path?: string[];
  unit?: string[];
  command?: string;
  since?: string;
  grep?: string[];
  exclude?: string[];
  ignoreCase?: boolean;
  level?: string;
  field?: string[];
  follow: boolean;
  acceptNew?: boolean;
}

/** Prints the logs of hosts as one stream until it is interrupted or, with --no-follow, all is read. @throws UsageError */
export async function followLogs(
  selectors: readonly string[],
  options: LogsCommandOptions,
  cli: Cli,
): Promise<number> {
  const filter = filterOf(options);
  const start = startOf(options, Date.now());
  if (typeof start === 'object') filter.from = start.time;
  const inventory = await openHosts(options, cli);
  const hosts = selectors.length > 0 ? selectHosts(inventory, selectors) : [...inventory.hosts.values()];
  const { become, authority } = await readBecome(options, becomingIn(inventory, hosts, options), cli);
  const core = openCore(inventory, options, cli, { authority, maxConnections: () => hosts.length });
  try {
    const targets = targetsOf(core.logs, inventory, hosts, options).map(({ host, source }) => ({
      ...{ host, source: become ? { ...source, become } : source },
    }));
    const session = core.logs.follow({ targets, start, follow: options.follow });
    const status = await print(session, filter, { ...options, withLabel: hasSeveral(targets) }, cli);
    return status === exitStatus.ok ? statusOfHosts(inventory, selectors) : status;
  } finally {
    await core.dispose();
    cli.interruption.dispose();
  }
}

/** The hosts with a source that is asked for, and those where the inventory says that it is read as another user. */
function becomingIn(
  inventory: Inventory,
  hosts: readonly Host[],
  { source: names, path, unit, command }: LogsCommandOptions,
) {
  const isAdHoc = (path ?? unit ?? command) !== undefined;
  const sources = [...inventory.section(inventoryLogs).values()].filter(({ name }) =>
    names === undefined ? !isAdHoc : names.includes(name),
  );
  const having = (some: typeof sources) => {
    const members = new Set(some.flatMap(({ hosts: ofSource }) => ofSource));
    return hosts.filter(({ name }) => members.has(name));
  };
  return {
    ...{ hosts: isAdHoc ? hosts : having(sources), inventory: inventory.file },
    always: having(sources.filter(({ become }) => become)),
  };
}

async function print(
  session: LogSession,
  filter: LogFilter,
  options: LogsCommandOptions & { withLabel: boolean },
  { terminal, interruption }: Cli,
): Promise<number> {
  const asJson = options.json || options.ndjson;
  const printer = new LogPrinter(session, terminal.stdout, asJson ?? false, options.withLabel);
  const told = new Set<string>();
  const reportProblems = (streams: readonly LogStream[]) => {
    for (const { id, host, label, state, error } of streams) {
      const isTrying = state === 'unreachable';
      if (!error || (state !== 'failed' && !isTrying) || told.has(`${id} ${state}`)) continue;
      told.add(`${id} ${state}`);
      const lines = [...errorChain(error), ...(isTrying ? [t('It is tried again.')] : [])];
      lines[0] = `muster: ${host} ${label}: ${lines[0]}`;
      for (const line of lines) terminal.note(printable(line, 500));
    }
  };
  const unhear = session.onStreams(reportProblems);
  try {
    for await (const rows of session.read(filter, interruption.signal)) {
      await printer.print(rows);
      if (interruption.signal.aborted) break;
    }
  } finally {
    unhear();
    // What happened last may not have been reported when it is interrupted.
    reportProblems(session.streams);
  }
  if (interruption.exitStatus !== undefined) return interruption.exitStatus;
  return session.streams.some(({ state }) => state === 'failed') ? exitStatus.failed : exitStatus.ok;
}

/** Whether a host may have several streams. */
function hasSeveral(targets: readonly LogTarget[]): boolean {
  const hosts = new Set(targets.map(({ host }) => host?.name));
  const isGlob = ({ source: { origin } }: LogTarget) => origin.kind === 'file' && /[*?[]/.test(origin.path);
  return targets.length > hosts.size || targets.some(isGlob);
}

/** @throws UsageError, MusterError INVENTORY */
function targetsOf(
  logs: Logs,
  inventory: Inventory,
  hosts: readonly Host[],
  { source, path = [], unit = [], command }: LogsCommandOptions,
): LogTarget[] {
  const origins: LogOrigin[] = [
    ...path.map((one) => ({ kind: 'file', path: one }) as const),
    ...unit.map((one) => ({ kind: 'journal', ...(one !== '*' && { unit: one }) }) as const),
    ...(command === undefined ? [] : [{ kind: 'command', command } as const]),
  ];
  const adHoc = origins.flatMap((origin) => logs.targetsFor(hosts, origin));
  if (source === undefined && adHoc.length > 0) return adHoc;
  const named = logs.targetsOf(inventory, hosts, source);
  if (named.length + adHoc.length > 0) return [...named, ...adHoc];
  throw new UsageError(
    inventory.section(inventoryLogs).size === 0
      ? t('the inventory has no logs: give --path, --unit or --command')
      : t('none of these hosts has a source of logs'),
  );
}

/** @throws UsageError */
function startOf({ since, follow }: LogsCommandOptions, now: number): LogStart {
  if (since === undefined) return follow ? 'recent' : 'beginning';
  if (since === 'beginning' || since === 'end') return since;
  if (durationPattern.test(since)) return { time: now - parseDuration(since) };
  const time = Date.parse(since);
  if (!isNaN(time)) return { time };
  throw new UsageError(
    t('--since: "{0}" is neither a duration such as 10m, a time, "beginning" nor "end"', since),
  );
}

/** @throws MusterError USAGE */
function filterOf(options: LogsCommandOptions): { -readonly [Key in keyof LogFilter]: LogFilter[Key] } {
  const patterns = (texts: readonly string[] = []) =>
    texts.map((text): TextPattern => ({ text, regex: true, caseSensitive: !options.ignoreCase }));
  const fields = (options.field ?? []).flatMap(parseFieldConditions);
  return {
    ...(options.grep && { include: patterns(options.grep) }),
    ...(options.exclude && { exclude: patterns(options.exclude) }),
    ...(fields.length > 0 && { fields }),
    ...(options.level !== undefined && { level: levelOf(options.level) }),
  };
}

function levelOf(text: string): LogLevel {
  const level = logLevels.find((name) => name === text.toLowerCase());
  if (level && level !== 'none') return level;
  throw new UsageError(t('--level: "{0}" is not one of {1}', text, logLevels.slice(1).join(', ')));
}
