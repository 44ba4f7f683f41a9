import { text } from '../../../../platform/l10n/l10n';
import type { Fact } from './fact';

/** What changes by itself, or differs between any two hosts. */
const volatile =
  /^(?:kernel\.(?:random\.(?:uuid|boot_id|entropy_avail)|ns_last_pid|hostname|domainname|pty\.nr|sched_domain\.)|fs\.(?:dentry-state|file-nr|inode-nr|inode-state|aio-nr|binfmt_misc\.|quota\.)|net\.core\.netdev_rss_key$|net\.netfilter\.nf_conntrack_count$|net\.ipv[46]\.(?:conf|neigh)\.(?!all\.|default\.|lo\.)|dev\.(?:cdrom|parport)\.)/;

export const sysctl: Fact = {
  name: 'sysctl',
  description: text('kernel settings that any user may read; no counters, no single interfaces'),
  needs: text('/proc/sys, find, grep'),
  isDefault: true,
  // Not those that only root may read: an entry would depend on who looks.
  script: () => `
[ -d /proc/sys/kernel ] || { unseen '' missing /proc/sys; return; }
{ has find && has grep; } || { unseen '' missing 'find, grep'; return; }
find /proc/sys -type f -perm -004 -exec grep -H '' {} + | sed "s/^/l$TAB/"`,
  readLine: (line) => {
    const [, path, value] = /^\/proc\/sys\/([^:]+):(.*)$/s.exec(line) ?? [];
    if (path === undefined) return undefined;
    const name = path.replaceAll('/', '.');
    return volatile.test(name) ? undefined : [name, value!.trim().replace(/\s+/g, ' ')];
  },
};
