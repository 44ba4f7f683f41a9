import { join } from 'node:path';
import { type ExtensionContext, window } from 'vscode';
import { Batches } from './editor/batches';
import { CheckCommands } from './editor/commands/checkCommands';
import { InventoryCommands } from './editor/commands/inventoryCommands';
import { LabCommands } from './editor/commands/labCommands';
import { registerCommands } from './editor/commands/registerCommands';
import { RunCommands } from './editor/commands/runCommands';
import { forgetSecrets } from './editor/commands/secretCommands';
import { RunDocuments } from './editor/documents/runDocuments';
import { Fleets } from './editor/fleets/fleets';
import { followContextKeys } from './editor/contextKeys';
import { publishProblems } from './editor/inventory/problems';
import { offerCompletion } from './editor/inventory/completion';
import { offerProblemFixes } from './editor/inventory/problemFixes';
import { CredentialPrompts } from './editor/prompts/credentialPrompts';
import { editorAuthority } from './editor/prompts/editorAuthority';
import { HostKeyPrompts } from './editor/prompts/hostKeyPrompts';
import { Redactor, redactingLogger } from './editor/redaction';
import { createStatusBar } from './editor/statusBar';
import { HostsView } from './editor/trees/hostsView';

/** What activation returns: enough to see what a user sees. */
export interface MusterApi {
  /** Resolves when every inventory was read once. */
  readonly ready: Promise<void>;
  readonly hosts: Pick<HostsView, 'tree' | 'badge' | 'message'>;
}

let lab: LabCommands | undefined;

/** Wires the features; the engine and what it needs are loaded at their first use. */
export function activate(context: ExtensionContext): MusterApi {
  const own = <Owned extends { dispose(): unknown }>(owned: Owned): Owned => {
    context.subscriptions.push(owned);
    return owned;
  };

  const channel = own(window.createOutputChannel('Muster', { log: true }));
  const redactor = new Redactor();
  const logger = redactingLogger(channel, redactor);

  const hostKeys = new HostKeyPrompts();
  const credentials = new CredentialPrompts(context.secrets, redactor);

  const fleets = own(
    new Fleets({
      logger,
      authority: editorAuthority(hostKeys, credentials),
      knownHostsFile: join(context.globalStorageUri.fsPath, 'known_hosts'),
    }),
  );
  const batches = own(new Batches());
  own(batches.onDidBegin(() => [hostKeys, credentials].forEach((prompts) => prompts.batchBegan())));

  const hosts = own(new HostsView(fleets));
  own(createStatusBar(fleets, hosts.tree));
  own(followContextKeys(fleets));
  own(publishProblems(fleets));
  own(offerProblemFixes());
  own(offerCompletion(fleets));

  const documents = own(new RunDocuments());
  const checks = new CheckCommands(fleets, batches, logger);
  const runs = new RunCommands(fleets, batches, documents, context.workspaceState, logger);
  const inventory = new InventoryCommands(fleets);
  lab = own(new LabCommands(fleets, context.asAbsolutePath('dist/cli.js'), logger));

  own(
    registerCommands(
      {
        'muster.checkAll': checks.all,
        'muster.check': checks.some,
        'muster.run': runs.run,
        'muster.cancel': () => batches.cancelAll(),
        'muster.openInventory': inventory.open,
        'muster.createInventory': inventory.create,
        'muster.refreshInventory': inventory.refresh,
        'muster.startLab': lab.start,
        'muster.stopLab': lab.stop,
        'muster.openLabFolder': lab.openFolder,
        'muster.forgetSecrets': () => forgetSecrets(credentials),
        'muster.showLog': () => channel.show(),
      },
      logger,
    ),
  );

  return { ready: fleets.load(), hosts };
}

/** The lab and its processes are gone before the editor is. */
export async function deactivate(): Promise<void> {
  await lab?.stop();
}
