import type { Host } from '../../core/inventory/model';
import { printable } from '../../core/printable';
import { valueWithoutCredentials } from '../../core/redaction/withoutCredentials';
import { t } from '../l10n';
import type { Colors } from './outputStream';
import { formatTable } from './table';

export function hostTable(hosts: readonly Host[], colors: Colors): string {
  const rows = hosts.map(({ name, address, groups, labels }) => [
    colors.bold(name),
    printable(address),
    groups.join(','),
    Object.entries(valueWithoutCredentials(labels))
      .map(([label, value]) => `${label}=${printable(value)}`)
      .join(' '),
  ]);
  return formatTable([t('HOST'), t('ADDRESS'), t('GROUPS'), t('LABELS')], rows, colors);
}
