import type { Label } from '../model/profile';

/** Which samples are meant: those with a label of the key, of the value, or whose value matches. */
export interface LabelFilter {
  readonly key: string;
  readonly value?: string;
  /** A regular expression, found anywhere in the value. */
  readonly pattern?: string;
}

/** Whether labels have one that is meant; values are compared as they are, numbers without their unit. */
export function hasLabel(labels: readonly Label[], { key, value, pattern }: LabelFilter): boolean {
  const expression = pattern === undefined ? undefined : new RegExp(pattern, 'u');
  return labels.some(
    (one) =>
      one.key === key &&
      (value === undefined || String(one.value) === value) &&
      (expression === undefined || expression.test(String(one.value))),
  );
}
