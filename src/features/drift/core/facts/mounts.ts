import { text } from '../../../../platform/l10n/l10n';
import type { Fact } from './fact';

export const mounts: Fact = {
  name: 'mounts',
  description: text('mounted file systems of disks and networks, with their options'),
  needs: '/proc/mounts',
  // The kernel's own list: to look at a mount itself, as df does, hangs where its server is gone, and mounts what is automatic.
  script: () => `
[ -r /proc/mounts ] || { unseen '' missing /proc/mounts; return; }
while read -r device folder type options rest; do
  case $type in
    proc|sysfs|devtmpfs|devpts|cgroup*|securityfs|pstore|bpf|tracefs|debugfs|configfs|mqueue|hugetlbfs|fusectl|rpc_pipefs|binfmt_misc|efivarfs|nsfs|overlay|ramfs|squashfs|autofs) continue ;;
  esac
  case $folder in /run/user/*|/run/credentials/*|/var/lib/docker/*|/var/lib/kubelet/*|/var/lib/containers/*) continue;; esac
  is "$folder" "$type $device $options"
done </proc/mounts`,
};
