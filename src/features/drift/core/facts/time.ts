import { text } from '../../../../platform/l10n/l10n';
import type { Fact } from './fact';

export const time: Fact = {
  name: 'time',
  description: text('time zone, and whether the clock is synchronised'),
  needs: text('date; timedatectl for the synchronisation'),
  script: () => `
zone=$(readlink /etc/localtime)
case $zone in
  */zoneinfo/*) is 'time zone' "\${zone#*/zoneinfo/}" ;;
  *) if [ -r /etc/timezone ]; then read -r zone </etc/timezone; is 'time zone' "$zone"
     else unknown 'time zone' missing /etc/localtime; fi ;;
esac
is 'offset from UTC' "$(date +%z)"
state=
has timedatectl && state=$(timedatectl show -p NTPSynchronized --value)
case $state in
  yes|no) is 'clock synchronised' "$state" ;;
  *) unknown 'clock synchronised' missing timedatectl ;;
esac`,
};
