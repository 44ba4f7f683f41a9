import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { type FieldCondition, fieldOperators } from './logFilter';

const condition = /^([\p{L}_@][\p{L}\p{N}_.@-]*)(!=|>=|<=|[=<>~])(?:"((?:[^"\\]|\\.)*)"|(\S*))(?:\s+|$)/u;

/** `status>=500 order_id=42 user!="Jane Doe"` as conditions. @throws MusterError USAGE that says where it stops being one */
export function parseFieldConditions(text: string): FieldCondition[] {
  const conditions: FieldCondition[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const [whole, field, operator, quoted, plain] = condition.exec(rest) ?? [];
    if (whole === undefined) {
      throw new MusterError('USAGE', t('“{0}” is not a condition on a field', rest.slice(0, 40)), {
        hint: t(
          'Write field, operator ({0}) and value, as in status>=500 order_id=42.',
          fieldOperators.join(' '),
        ),
      });
    }
    const value = quoted === undefined ? plain! : quoted.replace(/\\(.)/g, '$1');
    conditions.push({ field: field!, operator: operator as FieldCondition['operator'], value });
    rest = rest.slice(whole.length);
  }
  return conditions;
}
