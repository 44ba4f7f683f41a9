import { l10n } from 'vscode';
import type { HostKeyDecision, UnknownHostKey } from '../../../platform/host/host';
import { printable } from '../../../platform/text/printable';
import { projectTrustLines } from '../../../platform/host/secretDestination';
import { GroupedQuestions } from './groupedQuestions';
import { askBefore } from './askBefore';

const gatherMs = 250;
const shownKeys = 20;
const shownProjects = 5;

/** Asks whether to trust server keys that no known_hosts entry names. */
export class HostKeyPrompts {
  private readonly questions = new GroupedQuestions<UnknownHostKey, HostKeyDecision>(
    (keys) => this.ask(keys),
    gatherMs,
  );
  private refused = false;

  /** A new batch may ask again. */
  batchBegan(): void {
    this.refused = false;
  }

  decide(key: UnknownHostKey, signal: AbortSignal): Promise<HostKeyDecision> {
    return this.questions.answer(key, signal, 'reject');
  }

  private async ask(keys: readonly UnknownHostKey[]): Promise<HostKeyDecision> {
    // Whoever said no once does not want to say it for every other host of the batch.
    if (this.refused) return 'reject';
    const once = l10n.t('Trust Once');
    const remember = l10n.t('Trust and Remember');
    const choice = await askBefore(
      keys.length === 1
        ? l10n.t('The host key of {0} is unknown. Connect to it?', keys[0]!.host)
        : l10n.t('The host keys of {0} hosts are unknown. Connect to them?', keys.length),
      { refusal: l10n.t("Don't Connect"), detail: detailOf(keys) },
      once,
      remember,
    );
    if (choice === remember) return 'remember';
    if (choice === once) return 'once';
    this.refused = true;
    return 'reject';
  }
}

function detailOf(keys: readonly UnknownHostKey[]): string {
  const advice = l10n.t(
    'Compare the fingerprints with those that the administrator of the hosts gave you. Muster remembers keys in a file of its own.',
  );
  const more = keys.length - shownKeys;
  const projects = new Map(
    keys.flatMap(({ project }) => (project ? [[JSON.stringify(project), project]] : [])),
  );
  return [
    advice,
    ...[...projects.values()]
      .slice(0, shownProjects)
      .flatMap((project) => ['', ...projectTrustLines(project)]),
    '',
    ...keys.slice(0, shownKeys).map(keyText),
    ...(more > 0 ? [l10n.t('and {0} more', more)] : []),
  ].join('\n');
}

function keyText({ host, address, port, keyType, fingerprint, jumpFor }: UnknownHostKey): string {
  const where = `${printable(address)}:${port}`;
  const name = jumpFor === undefined ? host : l10n.t('{0} (jump for {1})', host, jumpFor);
  return `${printable(name)} · ${where} · ${printable(keyType)}\n${printable(fingerprint)}`;
}
