import { MusterError } from '../../../platform/errors/errors';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import { facts } from './facts';
import type { Fact } from './facts/fact';

/** A fact that is asked for, with what it is asked about. */
export interface FactChoice {
  readonly fact: Fact;
  readonly operand: string;
  /** As it was written, e.g. `files=/etc/app/*`: what it is called in results. */
  readonly key: string;
}

const mostFacts = 50;
const longestOperand = 1_000;

export const defaultFacts = (): string[] =>
  facts.filter(({ isDefault }) => isDefault).map(({ name }) => name);

/** Reads `os`, `files=/etc/app/*` and the like, each once. @throws MusterError USAGE */
export function readFacts(words: readonly string[]): FactChoice[] {
  const choices = [...new Set(words)].map(readFact);
  if (choices.length === 0) throw new MusterError('USAGE', t('no fact is named'));
  if (choices.length > mostFacts)
    throw new MusterError(
      'USAGE',
      t('{0} facts are named: at most {1} can be asked for', choices.length, mostFacts),
    );
  return choices;
}

function readFact(key: string): FactChoice {
  const [, name = '', operand = ''] = /^([^=]*)=?(.*)$/s.exec(key)!;
  const fact = facts.find((one) => one.name === name);
  if (!fact)
    throw new MusterError('USAGE', t('unknown fact “{0}”', printable(name, 60)), {
      hint: t('Known are {0}.', facts.map((one) => one.name).join(', ')),
    });
  const { operand: expected } = fact;
  if (operand === '') {
    if (!expected?.isRequired && !key.includes('=')) return { fact, operand, key };
    if (expected) throw new MusterError('USAGE', t('write {0}={1}', name, expected.name));
  }
  if (!expected) throw new MusterError('USAGE', t('the fact {0} takes nothing after its name', name));

  const isPath = /^\/[^\x00-\x1f\x7f]+$/.test(operand) && operand.length <= longestOperand;
  if (!isPath)
    throw new MusterError('USAGE', t('{0}: “{1}” is not an absolute path', name, printable(operand, 100)));
  return { fact, operand, key };
}
