import { text } from '../../../../platform/l10n/l10n';
import type { Fact } from './fact';

export const java: Fact = {
  name: 'java',
  description: text('the Java runtime'),
  needs: text('java'),
  // Its version is on standard error, after what it says of options in the environment.
  script: () => `
has java || return 0
unset JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS
java -version 2>&1 | {
  found=
  while IFS= read -r line; do
    case $line in
      *' version "'*) line=\${line#*\\"}; is java "\${line%%\\"*}"; found=1 ;;
      *Runtime\\ Environment*) is 'java runtime' "$line" ;;
      *' VM '*) is 'java vm' "$line" ;;
    esac
  done
  [ -n "$found" ] || unseen java failed 'java -version'
}`,
};
