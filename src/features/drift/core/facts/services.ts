import { text } from '../../../../platform/l10n/l10n';
import type { Fact } from './fact';

export const services: Fact = {
  name: 'services',
  description: text('unit files of systemd and whether they are enabled'),
  needs: text('systemctl'),
  script: () => `
has systemctl || { unseen '' missing systemctl; return; }
{ systemctl list-unit-files --no-legend --no-pager --full || unseen '' failed systemctl; } | {
  some=
  while read -r name state rest; do
    some=1
    case $name in
      '?') unseen '' "$state" "$rest" ;;
      # Made at run time: sessions and devices have names of their own on each host.
      *.scope|*.device) ;;
      *) case $state in generated|transient) ;; *) is "$name" "$state";; esac ;;
    esac
  done
  [ -n "$some" ] || unseen '' failed systemctl
}`,
};
