import { l10n, type Memento, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { type back, quickPickStep, type StepPlace } from '../../../../shell/editor/commands/quickPickStep';
import {
  type ChoiceName,
  choiceNames,
  mostRetries,
  readChoice,
  type RunChoices,
  withChoice,
} from '../../../../shell/editor/commands/runChoices';

export interface RunOptionsAnswer {
  choices: RunChoices;
  sudo: boolean;
  become: boolean;
  dryRun: boolean;
}

type Switch = 'sudo' | 'become' | 'dryRun';

interface OptionItem extends QuickPickItem {
  option: 'run' | Switch | 'reset' | 'none' | ChoiceName;
}

const choicesKey = 'muster.runChoices';

/**
 * Asks how to run, and changes `options` as it is told to, also when the step is left for the one before. The first
 * item runs, so that Enter is enough. What was chosen is offered again next time, but not switches, which
 * belong to one command.
 */
export async function pickOptions(
  title: string,
  memento: Memento,
  place: StepPlace,
  options: RunOptionsAnswer,
): Promise<true | typeof back | undefined> {
  const answer = await quickPickStep<OptionItem, true>(title, place, ({ picker, answer, aside }) => {
    picker.placeholder = l10n.t('Enter runs with what is shown');
    picker.matchOnDescription = true;
    // Enter runs again after each change; typing a part of its name leads to another option.
    const update = () => {
      picker.items = optionItems(options);
      picker.activeItems = picker.items.slice(0, 1);
    };
    picker.onDidAccept(() => {
      const option = picker.selectedItems[0]?.option;
      if (option === 'run') return answer(true);
      if (option === undefined || option === 'none') return;
      picker.value = '';
      if (option === 'sudo' || option === 'become') {
        // The one is the other without a password.
        const on = !options[option];
        Object.assign(options, { sudo: false, become: false, [option]: on });
      } else if (option === 'dryRun') options.dryRun = !options.dryRun;
      else if (option === 'reset') options.choices = {};
      else
        return aside(async () => {
          const text = await askChoice(option, options.choices[option]);
          if (text !== undefined) options.choices = withChoice(options.choices, option, text);
          update();
        });
      update();
    });
    update();
  });
  if (answer === true) await memento.update(choicesKey, options.choices);
  return answer;
}

/** What is offered to begin with: what the last run had, unless it is given. */
export function startOptions(memento: Memento, given: Partial<RunOptionsAnswer>): RunOptionsAnswer {
  const { choices, sudo = false, become = false, dryRun = false } = given;
  return { choices: { ...memento.get<RunChoices>(choicesKey, {}), ...choices }, sudo, become, dryRun };
}

function optionItems({ choices, sudo, become, dryRun }: RunOptionsAnswer): OptionItem[] {
  const run: OptionItem = {
    label: dryRun ? `$(preview) ${l10n.t('Show what would run')}` : `$(play) ${l10n.t('Run')}`,
    description: summaryOf(choices, { sudo, become }),
    option: 'run',
    alwaysShow: true,
  };
  const separator: OptionItem = {
    label: l10n.t('Options'),
    kind: QuickPickItemKind.Separator,
    option: 'none',
  };
  const isChanged = choiceNames.some((name) => choices[name] !== undefined);
  return [
    run,
    separator,
    // Without batches there is nothing between them.
    ...choiceNames
      .filter((name) => name !== 'pause' || choices.serial !== undefined)
      .map((option) => ({
        label: choiceLabel(option),
        description: choices[option] ?? l10n.t('as the settings and the inventory say'),
        option,
      })),
    switchItem('sudo', l10n.t('As root, through sudo'), sudo),
    switchItem('become', l10n.t('As another user, as “become” of the inventory says'), become),
    switchItem('dryRun', l10n.t('Dry run: show the command and the hosts, connect to nothing'), dryRun),
    ...(isChanged
      ? [{ label: `$(discard) ${l10n.t('Back to the defaults')}`, option: 'reset' as const }]
      : []),
  ];
}

/** The state is told in words, for those who do not see the icon. */
function switchItem(option: Switch, label: string, on: boolean): OptionItem {
  return {
    label: `$(${on ? 'check' : 'dash'}) ${label}`,
    description: on ? l10n.t('on') : l10n.t('off'),
    option,
  };
}

function summaryOf(choices: RunChoices, switches: Record<'sudo' | 'become', boolean>): string {
  const parts = choiceNames.flatMap((name) =>
    choices[name] === undefined ? [] : [`${choiceLabel(name)} ${choices[name]}`],
  );
  const on = (['sudo', 'become'] as const).filter((name) => switches[name]);
  return [...parts, ...on].join(' · ') || l10n.t('with the defaults');
}

function choiceLabel(name: ChoiceName): string {
  switch (name) {
    case 'concurrency':
      return l10n.t('Hosts at a time');
    case 'timeout':
      return l10n.t('Time limit for a host');
    case 'serial':
      return l10n.t('In batches of');
    case 'pause':
      return l10n.t('Pause between batches');
    case 'maxFailures':
      return l10n.t('Failures tolerated');
    case 'retries':
      return l10n.t('Retries where a host is not reached');
  }
}

function choiceProblem(name: ChoiceName): string {
  switch (name) {
    case 'concurrency':
      return l10n.t('Write a whole number from 1 to 10000.');
    case 'timeout':
    case 'pause':
      return l10n.t('Write a number and a unit, as in 800ms, 5s or 2m, at most 1d.');
    case 'retries':
      return l10n.t('Write a whole number from 0 to {0}; no command is sent twice.', mostRetries);
    case 'serial':
      return l10n.t('Write counts or percentages, as in 1, 10% or 1,5,25%; the last one repeats.');
    case 'maxFailures':
      return l10n.t(
        'Write a count or a percentage, as in 0 or 10%; with more failures no further host is begun.',
      );
  }
}

/** Empty text means the default. */
function askChoice(name: ChoiceName, value: string | undefined): Promise<string | undefined> {
  const problem = choiceProblem(name);
  return Promise.resolve(
    window.showInputBox({
      title: choiceLabel(name),
      value,
      prompt: `${problem} ${l10n.t('Leave it empty for the default.')}`,
      validateInput: (text) => (text.trim() === '' || readChoice(name, text) ? undefined : problem),
    }),
  );
}
