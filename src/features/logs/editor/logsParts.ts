import { type Disposable, l10n, type Uri, type WebviewPanel } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import type { Logger } from '../../../platform/host/host';
import type { LineAction } from '../protocol/logsPanel';
import { fleetNamed } from '../../../shell/editor/commands/fleetNamed';
import type { LogsMoment } from './logsMoment';
import { choiceBySelector, choiceOf, isHostsNode } from '../../../shell/editor/commands/hostChoice';
import type { HostChoice } from '../../../shell/editor/commands/pickHosts';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { runNodesOf, type RunsNode } from '../../runs/editor/view/runNodes';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import { LineActions } from './panel/lineActions';
import { LineDocuments } from './lineDocuments';
import { type LogOrder, type LogPanelState, readLogPanelState } from './panel/logOrder';
import { type ChosenLines, LogsPanel } from './panel/logsPanel';
import { logsTitle } from './panel/logsTitle';
import { pickLogs } from './pickLogs';

/** Milliseconds before a moment from which on its logs are read. */
const beforeMs = 5 * 60_000;

export interface LogsPorts {
  fleets: Fleets;
  logger: Logger;
  extensionUri: Uri;
  fileWorker: string;
}

export interface LogsParts extends Disposable {
  readonly documents: LineDocuments;
  open(panel: WebviewPanel, state: Pick<LogPanelState, 'order'> & Partial<LogPanelState>): LogsPanel;
  readState(stored: unknown): LogPanelState | undefined;
  /** Asks what to follow on the hosts below rows, of a selector that is given, or of those that are asked for. */
  pick(what: unknown, selected: unknown): Promise<LogOrder | undefined>;
  /** The same around the moment when a check failed or a run began. */
  pickAt(what: unknown, selected: unknown): Promise<LogOrder | undefined>;
  /** Asks for a file on a host, which is then read where it is. */
  pickHostFile(what: unknown, selected: unknown): Promise<LogOrder | undefined>;
  /** Asks for a file on a host, and copies it. */
  download(what: unknown, selected: unknown): Promise<void>;
  act(panel: LogsPanel, action: LineAction, lines: ChosenLines): Promise<void>;
}

/** What the panels are made of. */
export function logsParts(ports: LogsPorts): LogsParts {
  const { fleets } = ports;
  const documents = new LineDocuments();
  const { act } = new LineActions(documents);
  return {
    documents,
    act,
    open: (panel, state) => new LogsPanel(panel, state, { ...ports, act }, logsTitle(state.order, fleets)),
    readState: readLogPanelState,
    pick: async (what, selected) => {
      const nodes = hostNodesOf(what, selected);
      const choice = choiceOf(nodes) ?? (await choiceOfArguments(what, fleets));
      return pickLogs(fleets.shown, { ...(choice && { choice }) });
    },
    pickAt: async (what, selected) => {
      const at = momentOf(what, selected, fleets) ?? (await momentOfArguments(what, fleets));
      if (!at) throw new MusterError('USAGE', l10n.t('Choose a host, a check or a run.'));
      return pickLogs(fleets.shown, { choice: at.choice, at: at.time, start: { time: at.time - beforeMs } });
    },
    pickHostFile: async (what, selected) => {
      const { pickHostFile } = await import('./hostLogFiles');
      return pickHostFile(fleets, hostNodesOf(what, selected)[0]);
    },
    download: async (what, selected) => {
      const { downloadFromHost } = await import('./hostLogFiles');
      return downloadFromHost(fleets, hostNodesOf(what, selected)[0]);
    },
    dispose: () => {},
  };
}

function hostNodesOf(what: unknown, selected: unknown): HostsNode[] {
  return (Array.isArray(selected) ? (selected as unknown[]) : [what]).filter(isHostsNode);
}

/** The hosts of `{ "selector": "role=web" }`, as key bindings give it. */
async function choiceOfArguments(what: unknown, { shown }: Fleets): Promise<HostChoice | undefined> {
  const selector = (what as { selector?: unknown } | undefined)?.selector;
  const [fleet] = shown;
  return typeof selector === 'string' && fleet ? choiceBySelector(fleet, selector) : undefined;
}

/** The hosts and the time of `{ "selector": "web-1", "at": 1764672000000 }`, as other features give them. */
async function momentOfArguments(
  what: unknown,
  { shown }: Fleets,
): Promise<{ choice: HostChoice; time: number } | undefined> {
  const { selector, inventory, at } = (what ?? {}) as Partial<Record<keyof LogsMoment, unknown>>;
  if (typeof selector !== 'string' || typeof at !== 'number' || !Number.isFinite(at)) return undefined;
  const fleet = fleetNamed(shown, typeof inventory === 'string' ? { inventory } : {});
  return fleet && { choice: await choiceBySelector(fleet, selector), time: at };
}

/** The hosts of rows and when what they tell happened. */
function momentOf(
  what: unknown,
  selected: unknown,
  fleets: Fleets,
): { choice: HostChoice; time: number } | undefined {
  const nodes = hostNodesOf(what, selected);
  const choice = choiceOf(nodes);
  if (choice) return { choice, time: checkedAt(nodes) };
  const [run] = runNodesOf(what, selected);
  const runChoice = run && choiceOfRun(run, fleets);
  return runChoice && { choice: runChoice, time: run.entry.head.startedAt };
}

/** When the checks of the rows failed last, or else were made last. */
function checkedAt(nodes: readonly HostsNode[]): number {
  const results = nodes.flatMap((node) => {
    if (node.kind === 'check') return node.fleet.history.results(node.host.name, node.check.name);
    if (node.kind !== 'host') return [];
    return node.fleet
      .checksOf(node.host.name)
      .flatMap(({ name }) => node.fleet.history.results(node.host.name, name));
  });
  const failed = results.filter(({ status }) => status !== 'healthy');
  const times = (failed.length > 0 ? failed : results).map(({ at }) => at);
  return times.length > 0 ? Math.max(...times) : Date.now();
}

function choiceOfRun(node: RunsNode, { shown }: Fleets): HostChoice | undefined {
  const { head } = node.entry;
  const fleet: Fleet | undefined = shown.find(({ id }) => id === head.fleetId);
  if (!fleet) throw new MusterError('INVENTORY', l10n.t('The inventory of these hosts is not open.'));
  const names = node.kind === 'run' ? head.hosts : node.kind === 'runHost' ? [node.host] : node.group.hosts;
  const hosts = names.flatMap((name) => fleet.inventory?.hosts.get(name) ?? []);
  return hosts.length > 0 ? { fleet, hosts, selector: head.selector } : undefined;
}
