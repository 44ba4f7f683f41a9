import {
  type CancellationToken,
  l10n,
  LanguageModelTextPart,
  type LanguageModelToolInvocationOptions,
  LanguageModelToolResult,
  MarkdownString,
  type PreparedToolInvocation,
  workspace,
} from 'vscode';
import { planChecks } from '../../checks/core/checkBatch';
import { type ErrorCode, errorChain, errorReport, MusterError } from '../../../platform/errors/errors';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { printable } from '../../../platform/text/printable';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { remoteCommand } from '../../runs/core/remoteCommand';
import { abortOn } from '../../../shell/editor/abortOn';
import { assertTrusted } from '../../../shell/editor/batches';
import { age } from '../../../shell/editor/text/age';
import { protectedHosts, thisMachineText } from '../../../shell/editor/prompts/protection';
import { fleetNamed } from '../../../shell/editor/commands/fleetNamed';
import { choiceBySelector } from '../../../shell/editor/commands/hostChoice';
import { type HostChoice, namesOf } from '../../../shell/editor/commands/pickHosts';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Ports } from '../../../shell/editor/services';
import { escapeMarkdown } from '../../../shell/editor/hosts/escapeMarkdown';
import { hostCount } from '../../../shell/editor/hosts/wording';
import { checksText, hostsText, type KnownHost, runText } from './agentText';
import { fencedCode, isPlain, longestCommand } from './fencedCode';

interface TargetInput {
  selector?: string;
  inventory?: string;
}
export interface HostsInput extends TargetInput {
  limit?: number;
}
export interface CheckInput extends TargetInput {
  checks?: string[];
}
export interface RunInput extends TargetInput {
  selector: string;
  command: string;
  sudo?: boolean;
}

/** What a tool is asked for. */
type Invocation<Input> = Pick<LanguageModelToolInvocationOptions<Input>, 'input'>;

const maxListed = 500;
const maxAgeMs = 10 * 60_000;
const worstFirst = ['unhealthy', 'degraded', 'unknown', 'skipped', 'healthy'];

/** What language models can do with the fleet: look, check, and run what a person has confirmed. */
export class AgentTools {
  /** The hosts that a person was shown for a command, by what was asked: these and no others. */
  private readonly confirmed = new Map<string, { hosts: string; at: number }>();

  constructor(private readonly services: Ports<'fleets' | 'checks' | 'runs'>) {}

  async hosts({ input }: Invocation<HostsInput>): Promise<LanguageModelToolResult> {
    return answer(async () => {
      const { fleet, hosts, selector } = await this.choose(input);
      const known = hosts
        .map((host) => ({ host, ...stateOf(fleet, host.name) }))
        .sort((a, b) => worstFirst.indexOf(a.status) - worstFirst.indexOf(b.status));
      const limit = Math.min(maxListed, Math.max(1, input.limit ?? 100));
      return hostsText(selector, known satisfies KnownHost[], limit);
    });
  }

  async check({ input }: Invocation<CheckInput>, token: CancellationToken): Promise<LanguageModelToolResult> {
    return answer(async () => {
      assertTrusted();
      const { fleet, hosts } = await this.choose(input);
      const targets = planChecks(
        fleet.inventory!,
        hosts.map(({ name }) => name),
        input.checks ?? [],
      );
      // A model may not lead a person to trust a key or to give a password: what needs one fails.
      const results = await abortOn(token, (signal) =>
        this.services.checks.check(new Map([[fleet, targets]]), { signal, automatic: true }),
      );
      return checksText(results);
    });
  }

  async prepareCheck({ input }: Invocation<CheckInput>): Promise<PreparedToolInvocation> {
    const { hosts } = await this.choose(input);
    return { invocationMessage: l10n.t('Checking {0}', hostCount(hosts.length)) };
  }

  /** @throws MusterError where nothing may run, so that nobody is asked about it */
  async prepareRun({ input }: Invocation<RunInput>): Promise<PreparedToolInvocation> {
    const choice = await this.runnable(input);
    const names = namesIn(choice);
    this.remember(input, names);
    const message = new MarkdownString(
      [
        fencedCode(input.command),
        ...(input.sudo === true ? [escapeMarkdown(l10n.t('As root, through sudo.'))] : []),
        escapeMarkdown(l10n.t('Hosts ({0}): {1}', choice.hosts.length, namesOf(choice.hosts, 50))),
        ...thisMachineText(choice.hosts).map(escapeMarkdown),
        escapeMarkdown(l10n.t('Selector: {0}', printable(choice.selector, 500))),
        escapeMarkdown(l10n.t('Inventory: {0}', workspace.asRelativePath(choice.fleet.file))),
      ].join('\n\n'),
    );
    message.isTrusted = false;
    message.supportHtml = false;
    return {
      invocationMessage: l10n.t('Running a command on {0}', hostCount(choice.hosts.length)),
      confirmationMessages: {
        title: l10n.t('Run this command on {0}?', hostCount(choice.hosts.length)),
        message,
      },
    };
  }

  async run({ input }: Invocation<RunInput>, token: CancellationToken): Promise<LanguageModelToolResult> {
    return answer(async () => {
      const choice = await this.runnable(input);
      const { fleet, hosts, selector } = choice;
      const key = keyOf(input);
      const shown = this.confirmed.get(key);
      this.confirmed.delete(key);
      if (shown?.hosts !== namesIn(choice) || Date.now() - shown.at > maxAgeMs)
        throw refused(
          'the inventory has changed since this was confirmed',
          'Ask for it once more.',
          'CONFLICT',
        );
      const report = await abortOn(token, (signal) =>
        this.services.runs.run({
          ...{ fleet, hosts, selector, signal },
          request: { command: [input.command], sudo: input.sudo === true },
        }),
      );
      return runText(report);
    });
  }

  private async choose({ selector, inventory }: TargetInput): Promise<HostChoice> {
    const { fleets } = this.services;
    const fleet = fleetNamed(fleets.shown, { inventory });
    if (!fleet)
      throw new MusterError('USAGE', 'there are several inventories', {
        hint: `Name one as “inventory”: ${fleets.shown.map(({ label }) => label).join(', ')}.`,
      });
    return choiceBySelector(fleet, selector?.trim() || '*');
  }

  /** The hosts of a run that a person may be asked about. @throws MusterError */
  private async runnable(input: RunInput): Promise<HostChoice> {
    assertTrusted();
    if (input.selector.trim() === '') throw refused('a run needs a selector', 'Name the hosts, e.g. @web.');
    if (input.command.length > longestCommand)
      throw refused(
        `the command has more than ${longestCommand} characters`,
        'Nobody can confirm what is that long.',
      );
    if (!isPlain(input.command))
      throw refused('the command has characters that cannot be seen', 'Write it without them.');
    remoteCommand({ command: [input.command] });
    const choice = await this.choose(input);
    refuseReadOnly(choice.hosts);
    const protection = await protectedHosts(choice.fleet, choice.hosts);
    if (protection.hosts.length > 0)
      throw refused(
        `${namesOf(protection.hosts)}: protected by muster.protectedSelector (${protection.selector})`,
        'Only a person may run commands there, from the Hosts view. Choose other hosts.',
        'READ_ONLY',
      );
    return choice;
  }

  private remember(input: RunInput, hosts: string): void {
    const now = Date.now();
    for (const [key, { at }] of this.confirmed) if (now - at > maxAgeMs) this.confirmed.delete(key);
    this.confirmed.set(keyOf(input), { hosts, at: now });
  }
}

/** What goes wrong is an answer, too: the model is told what can be done. */
async function answer(work: () => Promise<string>): Promise<LanguageModelToolResult> {
  const text = await work().catch((error: unknown) => {
    if (!MusterError.is(error)) throw error;
    return ['Failed.', ...errorChain(errorReport(error)).map((line) => printable(line, 1000))].join('\n');
  });
  return new LanguageModelToolResult([new LanguageModelTextPart(text)]);
}

function stateOf(fleet: Fleet, host: string): { status: string; state: string } {
  const { status, checkedAt } = fleet.verdicts.host(host);
  const telling = fleet
    .checksOf(host)
    .flatMap(({ name }) => fleet.verdicts.result(host, name) ?? [])
    .filter((result) => result.status !== 'healthy' || result.turning);
  const why = telling
    .map(({ check, message, turning }) => {
      const next = turning ? `${turning.to} ${turning.count} of ${turning.of} times, ` : '';
      return `${check}: ${next}${printable(message, 120)}`;
    })
    .join(' | ');
  const when = checkedAt === undefined ? '' : ` ${age(Date.now() - checkedAt)}`;
  const word = status === 'unknown' ? 'not checked' : status;
  return { status, state: `${word}${when}${why ? ` (${why})` : ''}` };
}

function namesIn({ fleet, hosts }: HostChoice): string {
  return `${fleet.id}\0${compactHostSet(hosts.map(({ name }) => name))}\0${hosts.map(({ address, transport = '' }) => address + transport).join()}`;
}

function keyOf({ selector, inventory, command, sudo }: RunInput): string {
  return JSON.stringify([selector, inventory, command, sudo === true]);
}

function refused(message: string, hint: string, code: ErrorCode = 'USAGE'): MusterError {
  return new MusterError(code, message, { hint });
}
