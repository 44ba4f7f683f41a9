import {
  type Disposable,
  EventEmitter,
  l10n,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from 'vscode';
import { Disposables } from '../../../shell/editor/disposables';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import type { FleetChecks } from './fleetChecks';

const scheme = 'muster-history';
const refreshMs = 500;

/** Histories as read-only documents, which follow the checks while they are open. */
export class HistoryDocuments implements TextDocumentContentProvider, Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<Uri>());
  readonly onDidChange = this.changed.event;
  private readonly dirty = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly fleets: Fleets,
    checks: Pick<FleetChecks, 'onDidRecord'>,
  ) {
    this.owned.add(workspace.registerTextDocumentContentProvider(scheme, this));
    this.owned.add(checks.onDidRecord(({ fleet, result }) => this.mark(fleet, result.host)));
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const { fleet: id, host, check } = subjectOf(uri);
    const fleet = this.fleets.all.find((one) => one.id === id);
    if (!fleet) return l10n.t('The inventory of this history is not open.');
    const { historyText } = await import('./historyText');
    return historyText(fleet, host, check);
  }

  async show(fleet: Fleet, host: string, check?: string): Promise<void> {
    const uri = uriOf(fleet, host, check);
    const document = await workspace.openTextDocument(uri);
    this.changed.fire(uri);
    await window.showTextDocument(document, { preview: false });
  }

  /** Shows every open history anew. */
  refreshAll(): void {
    for (const { uri } of workspace.textDocuments) if (uri.scheme === scheme) this.changed.fire(uri);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.owned.dispose();
  }

  private mark(fleet: Fleet, host: string): void {
    this.dirty.add(keyOf(fleet.id, host));
    this.timer ??= setTimeout(() => this.refresh(), refreshMs);
  }

  private refresh(): void {
    this.timer = undefined;
    for (const { uri } of workspace.textDocuments) {
      if (uri.scheme !== scheme) continue;
      const { fleet, host } = subjectOf(uri);
      if (this.dirty.has(keyOf(fleet, host))) this.changed.fire(uri);
    }
    this.dirty.clear();
  }
}

interface Subject {
  fleet: string;
  host: string;
  check?: string;
}

/** The tab reads `web-1 · health · History`; the folder names the language. */
function uriOf(fleet: Fleet, host: string, check?: string): Uri {
  const parts = [host, ...(check === undefined ? [] : [check]), l10n.t('History')];
  const title = parts.join(' · ').replace(/[/\\?#]+/g, ' ');
  const query = JSON.stringify({ fleet: fleet.id, host, check } satisfies Partial<Subject>);
  return Uri.from({ scheme, path: `/history.${scheme}/${title}`, query });
}

function subjectOf(uri: Uri): Subject {
  try {
    const { fleet, host, check } = JSON.parse(uri.query) as Partial<Subject>;
    return { fleet: String(fleet), host: String(host), ...(check !== undefined && { check: String(check) }) };
  } catch {
    // A link that someone wrote by hand.
    return { fleet: '', host: '' };
  }
}

function keyOf(fleet: string, host: string): string {
  return `${fleet}\0${host}`;
}
