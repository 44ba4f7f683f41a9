import type { Reference } from '../../../../platform/inventory/fragment';
import { nameProblem } from '../../../../platform/inventory/hostName';
import { child, locate, references } from '../../../../platform/inventory/yaml/located';
import { validate } from '../../../../platform/inventory/validation';
import type { Entry, YamlSource } from '../../../../platform/inventory/yaml/yamlSource';
import { t } from '../../../../platform/l10n/l10n';
import { namesHost } from '../keys/keyPatternProblem';
import type { ChangeRule } from './changeRule';
import { changeRuleSchema } from './changeRuleSchema';

export interface RuleDraft extends Omit<ChangeRule, 'cluster' | 'hosts' | 'on'> {
  /** Selectors. */
  on: Reference[];
  /** Names of checks. */
  checks: Reference[];
}

const defaultSettleMs = 2_000;

/** Reads the rules of a cluster; those that are unsound leave problems. */
export function readChangeRules(source: YamlSource, section: Entry | undefined, prefix: string): RuleDraft[] {
  if (!section) return [];
  if (!['mapping', 'empty'].includes(source.kindOf(section.value))) {
    source.add('error', t('“onChange” holds a mapping: rules by name'), source.rangeOf(section.keyNode));
    return [];
  }
  return source.entries(section.value, 'rule').flatMap((entry) => readRule(source, entry, prefix) ?? []);
}

function readRule(source: YamlSource, entry: Entry, prefix: string): RuleDraft | undefined {
  const range = source.rangeOf(entry.keyNode);
  const fault = nameProblem(entry.key);
  if (fault !== undefined) source.add('error', fault, range);
  const settings = validate(source, changeRuleSchema, locate(source, entry));
  if (!settings || fault !== undefined) return undefined;
  const { keys, run, notify = true, settle = defaultSettleMs } = settings;
  const on = references(source, child(source, entry, 'on'));
  if (run !== undefined && on.length === 0 && !keys.every(namesHost)) {
    source.add('error', t('say with “on” where to run it, or with {name} in every key'), range);
    return undefined;
  }
  for (const { text, range: place } of references(source, child(source, entry, 'keys')))
    if (prefix !== '' && text.startsWith(prefix)) {
      const message = t('keys are written without the cluster’s prefix “{0}”', prefix);
      source.add('warning', message, place, text.slice(prefix.length));
    }
  const check = settings.check ?? run !== undefined;
  return {
    ...{ name: entry.key, keys, notify, settleMs: settle, source: range, on },
    check: check === true ? 'all' : check === false ? 'none' : check,
    checks: typeof check === 'boolean' ? [] : references(source, child(source, entry, 'check')),
    ...(run !== undefined && { run }),
  };
}
