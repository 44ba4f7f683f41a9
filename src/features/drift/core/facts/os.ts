import { text } from '../../../../platform/l10n/l10n';
import type { Fact } from './fact';

export const os: Fact = {
  name: 'os',
  description: text('distribution, kernel, architecture, virtualisation'),
  needs: text('/etc/os-release, uname; systemd-detect-virt for the virtualisation'),
  isDefault: true,
  // Not sourced: it is a file of the host's, and a shell would carry it out.
  script: () => `
found=
for f in /etc/os-release /usr/lib/os-release; do
  [ -r "$f" ] || continue
  found=1
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      PRETTY_NAME=*|ID=*|VERSION_ID=*|VERSION_CODENAME=*)
        name=\${line%%=*} value=\${line#*=}
        case $value in \\"*\\") value=\${value#\\"} value=\${value%\\"};; \\'*\\') value=\${value#\\'} value=\${value%\\'};; esac
        case $name in
          PRETTY_NAME) name=distribution;; ID) name='distribution id';;
          VERSION_ID) name=version;; *) name=codename;;
        esac
        is "$name" "$value" ;;
    esac
  done <"$f"
  break
done
[ -n "$found" ] || unseen distribution missing /etc/os-release
is kernel "$(uname -r)"
is 'kernel build' "$(uname -v)"
is architecture "$(uname -m)"
if has systemd-detect-virt; then
  # It prints none, and fails, on a machine that is none.
  is virtualisation "$(systemd-detect-virt)"
else unknown virtualisation missing systemd-detect-virt; fi`,
};
