import { l10n, type Memento } from 'vscode';
import type { RunRequest } from '../../core/remoteCommand';
import type { Fleet } from '../../../../shell/editor/fleets/fleet';
import { hostCount } from '../../../../shell/editor/hosts/wording';
import { CommandHistory } from './commandHistory';
import { requestTitle } from './confirmRun';
import { pickCommand } from './pickCommand';
import { type HostChoice, pickFleet, pickHostsStep } from '../../../../shell/editor/commands/pickHosts';
import { pickOptions, type RunOptionsAnswer, startOptions } from './pickOptions';
import { readOnlyRefusal } from '../../../../shell/editor/commands/readOnlyRefusal';
import { back, type StepPlace } from '../../../../shell/editor/commands/quickPickStep';
import type { RunChoices } from '../../../../shell/editor/commands/runChoices';

/** What is known before anything is asked. */
export interface RunDraft {
  choice?: HostChoice;
  fleet?: Fleet;
  command?: string;
  /** A script to run instead of a command line. */
  script?: string;
  label?: string;
  sudo?: boolean;
  become?: boolean;
  dryRun?: boolean;
  choices?: RunChoices;
}

export interface RunPlan extends RunOptionsAnswer {
  choice: HostChoice;
  request: RunRequest;
}

type Step = 'hosts' | 'command' | 'options';

/** Asks for hosts, command and options in steps that can be gone back over; undefined when it was left. */
export async function askRun(
  fleets: readonly Fleet[],
  memento: Memento,
  draft: RunDraft,
): Promise<RunPlan | undefined> {
  const wizard = new RunWizard(fleets, memento, draft);
  return wizard.ask();
}

class RunWizard {
  private readonly steps: readonly Step[];
  private fleet: Fleet | undefined;
  private choice: HostChoice | undefined;
  private command: string | undefined;
  private readonly options: RunOptionsAnswer;

  constructor(
    private readonly fleets: readonly Fleet[],
    private readonly memento: Memento,
    private readonly draft: RunDraft,
  ) {
    this.steps = draft.script === undefined ? ['hosts', 'command', 'options'] : ['hosts', 'options'];
    this.choice = draft.choice;
    this.fleet = draft.choice?.fleet ?? draft.fleet;
    this.command = draft.command;
    this.options = startOptions(memento, draft);
  }

  async ask(): Promise<RunPlan | undefined> {
    // What is known already is not asked for, but can be gone back to.
    let index = this.choice ? 1 : 0;
    while (index < this.steps.length) {
      const answer = await this.askFor(this.steps[index]!, {
        step: index + 1,
        totalSteps: this.steps.length,
        canGoBack: index > 0 || this.fleets.length > 1,
      });
      if (answer === undefined) return undefined;
      if (answer !== back) index++;
      else if (index > 0) index--;
      else this.fleet = undefined;
    }
    return { choice: this.choice!, request: this.request(), ...this.options };
  }

  private request(): RunRequest {
    const { script } = this.draft;
    const { sudo, become } = this.options;
    return {
      ...(script === undefined ? { command: [this.command ?? ''] } : { script }),
      ...(sudo && { sudo }),
      ...(become && { become: {} }),
    };
  }

  /** Keeps the answer; `true` means that there is one. */
  private async askFor(step: Step, place: StepPlace): Promise<true | typeof back | undefined> {
    switch (step) {
      case 'hosts':
        return this.askHosts(place);
      case 'command': {
        const answer = await pickCommand(
          l10n.t('Run on {0}', this.targets()),
          new CommandHistory(this.memento),
          place,
          this.command,
        );
        if (answer === undefined || answer === back) return answer;
        this.command = answer;
        return true;
      }
      case 'options': {
        const { label } = this.draft;
        // The question before the run shows all of it.
        const what = label ?? requestTitle(this.request(), 40);
        const title = l10n.t('Run “{0}” on {1}', what, this.targets());
        return pickOptions(title, this.memento, place, this.options);
      }
    }
  }

  private async askHosts(place: StepPlace): Promise<true | typeof back | undefined> {
    this.fleet ??= await pickFleet(this.fleets);
    if (!this.fleet) return undefined;
    const title =
      this.draft.label === undefined
        ? l10n.t('Run Command: which hosts?')
        : l10n.t('Run “{0}”: which hosts?', this.draft.label);
    const selector = this.choice?.fleet === this.fleet ? this.choice.selector : undefined;
    const answer = await pickHostsStep(this.fleet, title, { place, selector, refuse: readOnlyRefusal });
    if (answer === undefined || answer === back) return answer;
    this.choice = answer;
    return true;
  }

  private targets(): string {
    return `${this.choice!.selector} (${hostCount(this.choice!.hosts.length)})`;
  }
}
