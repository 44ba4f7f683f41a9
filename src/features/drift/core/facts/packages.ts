import { text } from '../../../../platform/l10n/l10n';
import type { Fact } from './fact';

export const packages: Fact = {
  name: 'packages',
  description: text('installed packages with their versions'),
  needs: text('dpkg-query, rpm, apk or pacman'),
  isDefault: true,
  isSet: true,
  // The first that lists any: rpm may be installed beside dpkg with an empty database, and the other way round.
  script: () => `
listed() { # NAME COMMAND…: what it lists, and whether that is all; fails where it lists nothing
  tool=$1
  shift
  { "$@" || unseen '' failed "$tool"; } | {
    IFS= read -r first || return 1
    case $first in '?'*) return 1;; esac
    printf '%s\\n' "$first"
    cat
  }
}
apkList() { sed -n "/^P:/h; /^V:/{G; s/^V:\\(.*\\)\\nP:\\(.*\\)/=$TAB\\2$TAB\\1/p; }" "$1"; }
pacmanList() { pacman -Q | sed "s/^\\([^ ]*\\) /=$TAB\\1$TAB/"; }
if has dpkg-query; then
  listed dpkg-query dpkg-query -W -f='l\\t\${db:Status-Abbrev}\\t\${binary:Package}\\t\${Version}\\n' && return
fi
if has rpm; then
  listed rpm rpm -qa --qf 'l\\trpm\\t%{NAME}.%{ARCH}\\t%{EPOCH}:%{VERSION}-%{RELEASE}\\n' && return
fi
for db in /lib/apk/db/installed /usr/lib/apk/db/installed; do
  [ -e "$db" ] || continue
  [ -r "$db" ] || { unseen '' denied "$db"; return; }
  listed apk apkList "$db" && return
done
if has pacman; then listed pacman pacmanList && return; fi
if has dpkg-query || has rpm || has pacman; then unseen '' failed 'no package is listed'
else unseen '' missing 'dpkg-query, rpm, apk, pacman'; fi`,
  readLine: (line) => {
    const [state = '', name = '', version = ''] = line.split('\t');
    if (state === 'rpm') return [name.replace(/\.\(none\)$/, ''), version.replace(/^\(none\):/, '')];
    // What is left of a removed package is not installed.
    const isThere = /^.[iWtFHU]/.test(state);
    if (!isThere) return undefined;
    return [name, /^.i ?$/.test(state) ? version : `${version} (${state.trim()})`];
  },
};
