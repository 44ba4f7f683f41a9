import { text } from '../../../../platform/l10n/l10n';
import type { Fact } from './fact';

export const libc: Fact = {
  name: 'libc',
  description: text('the C library'),
  needs: text('getconf, or the loader of musl'),
  isDefault: true,
  script: () => `
version=
has getconf && version=$(getconf GNU_LIBC_VERSION)
case $version in glibc*) is libc "$version"; return;; esac
for loader in /lib/ld-musl-*.so.1; do
  [ -x "$loader" ] || continue
  is libc "musl $("$loader" 2>&1 | sed -n 's/^Version //p')"
  return
done
if has getconf; then unseen libc failed getconf; else unseen libc missing getconf; fi`,
};
