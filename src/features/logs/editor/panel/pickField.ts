import { l10n, QuickPickItemKind, type QuickPickItem, window } from 'vscode';
import type { LogDetails } from '../../core/logRow';
import { printable } from '../../../../platform/text/printable';
import { correlationFieldsSetting } from '../logSettings';

export interface FieldValue {
  field: string;
  value: string;
}

/** Asks for a field of a line, those that lead from service to service first; says so where there is none. */
export async function pickField({ fields }: LogDetails, title: string): Promise<FieldValue | undefined> {
  const leading = new Set(correlationFieldsSetting.get().map(plain));
  const all = Object.entries(fields).filter(([, value]) => value !== '');
  if (all.length === 0) {
    void window.showInformationMessage(l10n.t('No structured field was recognised in this line.'));
    return undefined;
  }
  const leads = ([field]: [string, string]) => leading.has(plain(field.slice(field.lastIndexOf('.') + 1)));
  const item = ([field, value]: [string, string]) => ({
    ...{ label: printable(field), description: printable(value, 200), field, value },
  });
  const [first, rest] = [all.filter(leads), all.filter((entry) => !leads(entry))];
  const items: (QuickPickItem & Partial<FieldValue>)[] = [
    ...first.map(item),
    ...(first.length > 0 && rest.length > 0
      ? [{ label: l10n.t('Other fields'), kind: QuickPickItemKind.Separator }]
      : []),
    ...rest.map(item),
  ];
  const picked = await window.showQuickPick(items, { title, matchOnDescription: true });
  return picked?.field === undefined ? undefined : { field: picked.field, value: picked.value! };
}

/** `order_id`, `orderId` and `order-id` are one name. */
function plain(field: string): string {
  return field.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}
