import { once } from 'node:events';
import { t } from '../l10n';
import { endShell, spawnShell } from './shellCommand';
import { localUser } from './sshTokens';
import { matchesPatternList } from './wildcard';

/** What the criteria of a `Match` line are compared with. */
export interface MatchContext {
  /** The name given. */
  alias: string;
  /** The name to connect to, so far. */
  host: string;
  /** The remote user, so far. */
  user: string | undefined;
  /** Whether this is the second reading of the files. */
  final: boolean;
  askForFinal: () => void;
  /** Whether `exec` may run its command: in the user's own files, not in those of a project. */
  mayExecute: boolean;
  expand: (command: string) => string;
  warn: (message: string) => void;
}

/** Milliseconds that the command of `Match exec` may take. */
const execLimitMs = 5000;

const patternsOf = (list: string) => list.split(',');

/** Criteria with an argument. Those that are missing here (e.g. `localnetwork`) never match. */
const criteria: Record<string, (argument: string, context: MatchContext) => boolean | Promise<boolean>> = {
  host: (list, { host }) => matchesPatternList(patternsOf(list), host),
  originalhost: (list, { alias }) => matchesPatternList(patternsOf(list), alias),
  user: (list, { user }) => matchesPatternList(patternsOf(list), user ?? localUser()),
  localuser: (list) => matchesPatternList(patternsOf(list), localUser()),
  exec: (command, context) => {
    if (context.mayExecute) return succeeds(context.expand(command));
    context.warn(t('Match exec runs in your own ssh_config only: taken as not matching'));
    return false;
  },
};

/** Criteria without an argument. */
const flags: Record<string, (context: MatchContext) => boolean> = {
  all: () => true,
  canonical: ({ final }) => final,
  final: ({ final, askForFinal }) => {
    askForFinal();
    return final;
  },
};

/** Whether all criteria of a `Match` line hold, see ssh_config(5). Runs no command once one has failed. */
export async function matches(words: readonly string[], context: MatchContext): Promise<boolean> {
  for (let index = 0; index < words.length; index++) {
    const negated = words[index]!.startsWith('!');
    const name = words[index]!.slice(negated ? 1 : 0).toLowerCase();
    const flag = flags[name];
    const criterion = criteria[name];
    let holds: boolean;
    if (flag) holds = flag(context);
    else {
      const argument = words[++index] ?? '';
      if (!criterion) {
        context.warn(t('Match {0} is not known: taken as not matching', name));
        return false;
      }
      holds = await criterion(argument, context);
    }
    if (holds === negated) return false;
  }
  return true;
}

async function succeeds(command: string): Promise<boolean> {
  const child = spawnShell(command, 'ignore');
  const timer = setTimeout(() => void endShell(child), execLimitMs);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code === 0;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
