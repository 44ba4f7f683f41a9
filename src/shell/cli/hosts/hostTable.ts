import type { Host } from '../../../platform/inventory/model';
import { printable } from '../../../platform/text/printable';
import { valueWithoutCredentials } from '../../../platform/redaction/withoutCredentials';
import { t } from '../l10n';
import type { Colors } from '../output/outputStream';
import { formatTable } from '../output/table';

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
