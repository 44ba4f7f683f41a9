import { l10n, Position, Range, Uri, window } from 'vscode';
import { type ErrorReport, errorChain } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';
import { knownHostsPlace, type Place } from './knownHostsPlace';

interface Outcome {
  host: string;
  error?: ErrorReport;
}

/** Tells of changed or revoked host keys, once for a batch: nothing else that fails may be an attack. */
export function showHostKeyMismatches(outcomes: readonly Outcome[]): void {
  const mismatches = new Map<string, ErrorReport>();
  for (const { host, error } of outcomes) {
    if (error?.code === 'HOST_KEY_MISMATCH') mismatches.set(host, error);
  }
  const [first] = mismatches;
  if (first) void tell(first[0], first[1], mismatches);
}

async function tell(host: string, error: ErrorReport, mismatches: Map<string, ErrorReport>): Promise<void> {
  const place = knownHostsPlace(error);
  const details = l10n.t('Show Details');
  const open = l10n.t('Open known_hosts');
  const message =
    mismatches.size === 1
      ? l10n.t('The host key of {0} is not the one that is known. Nothing was sent to it.', host)
      : l10n.t(
          'The host keys of {0} hosts are not those that are known. Nothing was sent to them.',
          mismatches.size,
        );
  const choice = await window.showErrorMessage(message, details, ...(place ? [open] : []));
  if (choice === details) await showDetails(message, mismatches);
  if (choice === open && place) await openAt(place);
}

async function showDetails(message: string, mismatches: Map<string, ErrorReport>): Promise<void> {
  const shown = [...mismatches].slice(0, 10);
  const blocks = shown.map(([host, error]) =>
    [host, ...errorChain(error).map((line) => printable(line, 500))].join('\n'),
  );
  const more = mismatches.size - shown.length;
  const detail = [...blocks, ...(more > 0 ? [l10n.t('and {0} more', more)] : [])].join('\n\n');
  await window.showErrorMessage(message, { modal: true, detail });
}

async function openAt({ file, line }: Place): Promise<void> {
  const start = new Position(Math.max(0, line - 1), 0);
  await window.showTextDocument(Uri.file(file), { selection: new Range(start, start) });
}
