import {
  CodeLens,
  type CodeLensProvider,
  type Command,
  type Disposable,
  EventEmitter,
  l10n,
  languages,
  type Range,
  type TextDocument,
  workspace,
} from 'vscode';
import { type ArgumentsOf, linkTo } from '../../../shell/editor/commands/musterCommands';
import type { DocumentSymbolEntry } from '../../../platform/inventory/yaml/documentNames';
import type { Inventory } from '../../../platform/inventory/model';
import { Disposables } from '../../../shell/editor/disposables';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { codeLensSetting } from '../../../shell/editor/settings';
import type { CheckNode } from '../../../shell/editor/hosts/hostNodes';
import {
  isReadOnly,
  latency,
  readOnlyWord,
  statusWord,
  tallyText,
} from '../../../shell/editor/hosts/wording';
import { checkTally } from './checkTally';
import { type InventoryDocuments, inventoryFilter, rangeIn } from './inventoryDocuments';
import { checks } from '../../checks/core/check';

/** Entries under `hosts` above which these have no lenses: groups and checks still have theirs. */
const maxHostEntries = 200;
const maxEntries = 1000;
const refreshMs = 500;

type Action = 'check' | 'run' | 'terminal' | 'hosts';

/** A lens whose title and command are made when it is scrolled to. */
class EntryLens extends CodeLens {
  constructor(
    range: Range,
    readonly fleet: Fleet,
    readonly entry: DocumentSymbolEntry,
    readonly names: readonly string[],
    readonly action: Action,
  ) {
    super(range);
  }
}

/** "Check | Run… | Terminal | 12 hosts" over hosts, groups and checks. */
export function offerCodeLenses(documents: InventoryDocuments, fleets: Fleets): Disposable {
  const owned = new Disposables();
  const changed = owned.add(new EventEmitter<void>());
  let timer: NodeJS.Timeout | undefined;
  const refresh = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      changed.fire();
    }, refreshMs);
  };
  owned.add({ dispose: () => clearTimeout(timer) });
  owned.add(fleets.onDidChange(refresh));
  owned.add(fleets.onDidChangeVerdicts(refresh));
  owned.add(codeLensSetting.onDidChange(refresh));
  owned.add(workspace.onDidGrantWorkspaceTrust(refresh));

  const provider: CodeLensProvider<EntryLens> = {
    onDidChangeCodeLenses: changed.event,
    async provideCodeLenses(document, token) {
      if (!codeLensSetting.get(document.uri) || !documents.isInventory(document)) return [];
      const fleet = documents.fleetOf(document);
      const inventory = fleet?.inventory;
      if (!fleet || !inventory) return [];
      const { symbols } = await documents.names(document);
      if (token.isCancellationRequested) return [];
      const { expandHostPattern } = await import('../../../platform/inventory/selection/hostSet');
      const hasManyHosts = symbols.filter(({ section }) => section === 'hosts').length > maxHostEntries;
      return symbols
        .filter(({ section }) => section !== 'hosts' || !hasManyHosts)
        .slice(0, maxEntries)
        .flatMap((entry) => lensesOf(document, fleet, inventory, entry, expandHostPattern));
    },
    resolveCodeLens(lens) {
      lens.command = commandOf(lens);
      return lens;
    },
  };
  owned.add(languages.registerCodeLensProvider(inventoryFilter, provider));
  return owned;
}

/** None for what the inventory as it was saved does not hold. */
function lensesOf(
  document: TextDocument,
  fleet: Fleet,
  inventory: Inventory,
  entry: DocumentSymbolEntry,
  expand: (pattern: string) => string[],
): EntryLens[] {
  const names = namesOf(inventory, entry, expand);
  if (!names) return [];
  const range = rangeIn(document, { start: entry.nameStart, end: entry.nameEnd });
  const changing: Action[] = isReadOnly(inventory, names) ? [] : ['run', 'terminal'];
  const actions: Action[] = workspace.isTrusted ? ['check', ...changing, 'hosts'] : ['hosts'];
  return actions.map((action) => new EntryLens(range, fleet, entry, names, action));
}

function namesOf(
  { hosts, groups, section: entriesOf }: Inventory,
  { section, name }: DocumentSymbolEntry,
  expand: (pattern: string) => string[],
): readonly string[] | undefined {
  if (section === 'groups') return groups.get(name)?.hosts;
  if (section === 'checks') return entriesOf(checks).get(name)?.hosts;
  if (section !== 'hosts') return undefined;
  try {
    const names = expand(name).filter((one) => hosts.has(one));
    return names.length > 0 ? names : undefined;
  } catch {
    return undefined; // Its problem is shown as a diagnostic.
  }
}

function commandOf({ fleet, entry, names, action }: EntryLens): Command {
  const selector = entry.section === 'groups' ? `@${entry.name}` : entry.name;
  const target: ArgumentsOf<'muster.check'> =
    entry.section === 'checks' ? rowsOf(fleet, entry.name) : [{ selector, inventory: fleet.file }];
  switch (action) {
    case 'check':
      return linkTo('muster.check', l10n.t('Check'), ...target);
    case 'run':
      return linkTo('muster.run', l10n.t('Run…'), ...target);
    case 'terminal':
      return linkTo('muster.openTerminal', l10n.t('Terminal'), ...target);
    case 'hosts':
      return {
        ...linkTo(
          'muster.showHosts',
          [stateText(fleet, entry, names), ...readOnlyWord(fleet.inventory, names)].join(' · '),
          { inventory: fleet.file, hosts: names, title: entry.name },
        ),
        tooltip: l10n.t('Show these hosts'),
      };
  }
}

/** The rows of one check on all of its hosts: commands take rows for one check. */
function rowsOf(fleet: Fleet, name: string): [CheckNode, CheckNode[]] | [] {
  const check = fleet.inventory?.section(checks).get(name);
  const rows = (check?.hosts ?? []).flatMap((hostName): CheckNode[] => {
    const host = fleet.inventory!.hosts.get(hostName);
    if (!host || !check) return [];
    const parent = { kind: 'host', id: hostName, fleet, parent: undefined, host } as const;
    return [{ kind: 'check', id: `${hostName}\0${name}`, fleet, parent, host, check }];
  });
  return rows[0] ? [rows[0], rows] : [];
}

function stateText(fleet: Fleet, entry: DocumentSymbolEntry, names: readonly string[]): string {
  const check = entry.section === 'checks' ? fleet.inventory?.section(checks).get(entry.name) : undefined;
  if (check) return tallyText(checkTally(fleet, check));
  const [only] = names;
  if (entry.section !== 'hosts' || names.length !== 1) return tallyText(fleet.verdicts.tally(names));
  const { status, becoming, pending, latencyMs } = fleet.verdicts.host(only!);
  if (pending) return l10n.t('checking…');
  return [
    statusWord(status),
    ...(becoming === undefined ? [] : [l10n.t('may become {0}', statusWord(becoming))]),
    ...(latencyMs === undefined ? [] : [latency(latencyMs)]),
  ].join(' · ');
}
