import { l10n } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import { suggest } from '../../../platform/inventory/selection/suggest';
import { type ChoiceName, choiceNames, mostRetries, readChoice, type RunChoices } from './runChoices';

/** What a key binding, a task or another extension asks for. */
export interface RunArguments {
  selector?: string;
  command?: string;
  /** Path of a script, absolute or below the workspace folder. */
  script?: string;
  /** Label or path of the inventory, where there are several. */
  inventory?: string;
  sudo: boolean;
  become: boolean;
  dryRun: boolean;
  choices: RunChoices;
  /** A task asks before it runs on more hosts than this. */
  confirmOver?: number;
}

const textKeys = ['selector', 'command', 'script', 'inventory'] as const;
const switchKeys = ['sudo', 'become', 'dryRun'] as const;
export const runKeys: readonly string[] = [...textKeys, ...switchKeys, ...choiceNames];
/** Starting a task is its confirmation, so there is no dry run of it. */
export const taskKeys: readonly string[] = [
  ...runKeys.filter((key) => key !== 'dryRun'),
  'confirmOver' satisfies keyof RunArguments,
];

/** @throws MusterError USAGE that names the argument and what it should be */
export function readRunArguments(value: unknown, keys: readonly string[] = runKeys): RunArguments {
  const given = new Map(Object.entries(objectOf(value)).filter(([, entry]) => entry !== undefined));
  for (const key of given.keys()) if (!keys.includes(key)) throw unknownKey(key, keys);
  const texts = textKeys.flatMap((key) => (given.has(key) ? [[key, readText(key, given.get(key))]] : []));
  const choices = choiceNames.flatMap((key) =>
    given.has(key) ? [[key, readChoiceText(key, given.get(key))]] : [],
  );
  const read: RunArguments = {
    ...(Object.fromEntries(texts) as Partial<RunArguments>),
    sudo: readSwitch('sudo', given.get('sudo')),
    become: readSwitch('become', given.get('become')),
    dryRun: readSwitch('dryRun', given.get('dryRun')),
    choices: Object.fromEntries(choices) as RunChoices,
    ...(given.has('confirmOver') && { confirmOver: readCount('confirmOver', given.get('confirmOver')) }),
  };
  if (read.choices.pause !== undefined && read.choices.serial === undefined)
    throw wrong(l10n.t('“{0}” is between the batches of “{1}”: give both.', 'pause', 'serial'));
  if (read.command !== undefined && read.script !== undefined)
    throw wrong(l10n.t('Give either “command” or “script”, not both.'));
  if (read.sudo && read.become) throw wrong(l10n.t('Give either “sudo” or “become”, not both.'));
  return read;
}

function objectOf(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw wrong(
    l10n.t('The arguments are an object such as {0}.', '{ "selector": "@web", "command": "uptime" }'),
  );
}

function unknownKey(key: string, keys: readonly string[]): MusterError {
  const near = suggest(key, keys);
  return wrong(
    l10n.t('There is no argument “{0}”.', key),
    near === undefined ? l10n.t('Known are {0}.', keys.join(', ')) : l10n.t('Did you mean “{0}”?', near),
  );
}

/** Several selectors may be a list. */
function readText(key: string, value: unknown): string {
  const text = key === 'selector' && Array.isArray(value) ? value.join(' ') : value;
  if (typeof text === 'string' && text.trim() !== '') return key === 'command' ? text : text.trim();
  throw wrong(l10n.t('The argument “{0}” is text that is not empty.', key));
}

function readSwitch(key: string, value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  throw wrong(l10n.t('The argument “{0}” is true or false.', key));
}

function readCount(key: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw wrong(l10n.t('The argument “{0}” is a whole number, 0 or more.', key));
}

function readChoiceText(key: ChoiceName, value: unknown): string {
  const text = Array.isArray(value) ? value.join(',') : String(value);
  if (readChoice(key, text)) return text;
  switch (key) {
    case 'concurrency':
      throw wrong(l10n.t('The argument “{0}” is a whole number from 1 to 10000.', key));
    case 'retries':
      throw wrong(l10n.t('The argument “{0}” is a whole number from 0 to {1}.', key, mostRetries));
    case 'timeout':
    case 'pause':
      throw wrong(l10n.t('The argument “{0}” is a number and a unit, as in 800ms, 5s or 2m.', key));
    case 'serial':
    case 'maxFailures':
      throw wrong(l10n.t('The argument “{0}” is a count or a percentage, such as 2 or "10%".', key));
  }
}

function wrong(message: string, hint?: string): MusterError {
  return new MusterError('USAGE', message, { hint });
}
