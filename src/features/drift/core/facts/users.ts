import { text } from '../../../../platform/l10n/l10n';
import type { Fact } from './fact';

export const users: Fact = {
  name: 'users',
  description: text('local users and groups'),
  needs: '/etc/passwd, /etc/group',
  // Never the second field: old systems have a hash there. Nor the fifth, which is about people.
  script: () => `
for kind in passwd group; do
  [ -r /etc/$kind ] || { unseen '' denied /etc/$kind; continue; }
  while IFS=: read -r name secret id group person home shell; do
    case $name in ''|\\#*) continue;; esac
    if [ $kind = passwd ]; then is "user $name" "$id:$group $home $shell"; else is "group $name" "$id $group"; fi
  done </etc/$kind
done`,
};
