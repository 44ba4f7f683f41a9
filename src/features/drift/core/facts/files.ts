import { text } from '../../../../platform/l10n/l10n';
import { globWord } from '../../../../platform/text/shellQuote';
import type { Fact } from './fact';

export const files: Fact = {
  name: 'files',
  description: text('content (as SHA-256), mode and owner of files: =/etc/app/*.conf'),
  needs: text('sha256sum, stat'),
  operand: { name: 'GLOB', isRequired: true },
  // Nothing matches in a folder that must not be looked into: that is not the same as no file.
  script: (glob) => `
${ancestorsOf(glob)
  .map(
    ({ folder, isListed }) => `for up in ${globWord(folder)}; do
  [ -d "$up" ] || continue
  { [ -x "$up" ]${isListed ? ' && [ -r "$up" ]' : ''}; } || unseen '' denied "$up"
done`,
  )
  .join('\n')}
for file in ${globWord(glob)}; do
  case $file in *[[:cntrl:]]*) unseen '' failed 'a name with control characters'; continue;; esac
  if [ -L "$file" ]; then is "$file link" "$(readlink "$file")"; fi
  [ -f "$file" ] || continue
  if has stat && at=$(stat -L -c '%a %U:%G' "$file"); then
    is "$file mode" "\${at%% *}"
    is "$file owner" "\${at#* }"
  else unseen "$file mode" missing stat; unseen "$file owner" missing stat; fi
  if [ ! -r "$file" ]; then unseen "$file content" denied
  elif ! has sha256sum; then unseen "$file content" missing sha256sum
  elif sum=$(sha256sum <"$file") && [ -n "$sum" ]; then is "$file content" "\${sum%% *}"
  else unseen "$file content" failed; fi
done`,
};

/** The folders above what a pattern matches, from the top, and whether the names in each are looked through. */
function ancestorsOf(glob: string): { folder: string; isListed: boolean }[] {
  const parts = glob.split('/').slice(1);
  return parts.slice(0, -1).map((_, index) => ({
    folder: `/${parts.slice(0, index + 1).join('/')}`,
    isListed: /[*?[]/.test(parts[index + 1]!),
  }));
}
