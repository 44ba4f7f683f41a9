import { text } from '../../../../platform/l10n/l10n';
import type { Fact } from './fact';

export const limits: Fact = {
  name: 'limits',
  description: text('limits of a process of the user who is logged in'),
  needs: '/proc/self/limits',
  script: () => `
[ -r /proc/self/limits ] || { unseen '' missing /proc/self/limits; return; }
sed "1d; s/^/l$TAB/" /proc/self/limits`,
  readLine: (line) => {
    const [, name, soft, hard] = /^(\S+(?: \S+)*) {2,}(\S+) +(\S+)/.exec(line) ?? [];
    return name === undefined ? undefined : [name, `${soft!} ${hard!}`];
  },
};
