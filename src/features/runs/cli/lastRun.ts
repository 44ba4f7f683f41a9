import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MusterError } from '../../../platform/errors/errors';
import { fileFault, writeFault } from '../../../platform/files/fileFault';
import { makeFolder } from '../../../platform/files/makeFolder';
import { privateMode, writePrivateFile } from '../../../platform/files/privateFile';
import { readRegularText } from '../../../platform/files/regularFile';
import type { Inventory } from '../../../platform/inventory/model';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import { printable } from '../../../platform/text/printable';
import type { Cli } from '../../../shell/cli/cli';
import { UsageError } from '../../../shell/cli/exitStatus';
import { hostCount, t } from '../../../shell/cli/l10n';
import { ownFolder } from '../../../shell/cli/terminal/ownKnownHosts';
import { holdsSecret } from '../core/holdsSecret';
import type { RunRequest } from '../core/remoteCommand';
import type { RunResult } from '../core/runBatch';

/** What is kept of the last run of an inventory: never its environment, input or output, nor a command with a secret. */
interface LastRun {
  version: 1;
  startedAt: string;
  command: string;
  total: number;
  /** Names of the hosts on which it was not ok; undefined until the run has ended. */
  failed?: readonly string[];
}

const mostBytes = 16 * 1024 ** 2;

/** The last run of an inventory, in the user's state folder: what `--limit @failed` means. */
export class LastRunFile {
  private constructor(
    /** Undefined where the inventory is not a file, or the folder is not ours to make. */
    private readonly file: string | undefined,
    private readonly cli: Cli,
  ) {}

  static async of(inventory: Inventory, cli: Cli): Promise<LastRunFile> {
    const folder = join(ownFolder(cli.env), 'runs');
    const real = await realpath(inventory.file).catch(() => undefined);
    const isFile = real !== undefined && (await stat(real)).isFile();
    const name = real && `${createHash('sha256').update(real).digest('hex').slice(0, 32)}.json`;
    return new LastRunFile(isFile && (await isOurs(folder)) ? join(folder, name!) : undefined, cli);
  }

  /** The hosts that failed, after saying in which run. @throws UsageError where that is unknown, or none did */
  async failed({ hosts }: Inventory): Promise<readonly string[]> {
    const { startedAt, command, total, failed } = await this.read();
    const when = `${startedAt.slice(0, 19).replace('T', ' ')} UTC`;
    const what = printable(command, 100);
    if (!failed) throw unknown(t('the last run, of {0} ({1}), is under way or was cut off', when, what));
    if (failed.length === 0)
      throw new UsageError(
        t(
          '--limit @failed: no host failed in the last run, of {0} on {1} ({2})',
          when,
          hostCount(total),
          what,
        ),
      );
    const { terminal } = this.cli;
    terminal.note(
      t('@failed: {0} of {1} in the run of {2} ({3})', failed.length, hostCount(total), when, what),
    );
    const known = failed.filter((name) => hosts.has(name));
    const gone = failed.length - known.length;
    if (gone === 1) terminal.note(t('1 of them has left the inventory'));
    if (gone > 1) terminal.note(t('{0} of them have left the inventory', gone));
    return known;
  }

  /** From now on the run is the last one. */
  async begin(
    command: string,
    total: number,
  ): Promise<(results: readonly Pick<RunResult, 'host' | 'status'>[]) => Promise<void>> {
    const run: LastRun = {
      ...{ version: 1, startedAt: new Date().toISOString() },
      ...{ command, total },
    };
    const keeps = await this.write(run);
    return async (results) => {
      const failed = results.filter(({ status }) => status !== 'ok').map(({ host }) => host);
      if (keeps) await this.write({ ...run, failed });
    };
  }

  private async read(): Promise<LastRun> {
    if (this.file === undefined) throw unknown(t('no run of this inventory is kept here'));
    let text: string;
    try {
      text = await readRegularText(this.file, mostBytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw unknown(t('no run of this inventory by this user is known'));
      throw unknown(t('cannot read {0}: {1}', this.file, fileFault(error)));
    }
    const run = lastRunOf(text);
    if (run) return run;
    throw unknown(t('cannot read {0}: {1}', this.file, t('it is not what Muster wrote')));
  }

  /** Whether it was written. What it says would be of an earlier run otherwise, so that is said. */
  private async write(run: LastRun): Promise<boolean> {
    const { file } = this;
    if (file === undefined) return false;
    try {
      await makeFolder(dirname(file), privateMode.folder);
      await writePrivateFile(file, `${JSON.stringify(run)}\n`);
      return true;
    } catch (error) {
      const text = t(
        '--limit @failed will not know this run: cannot write {0}: {1}',
        file,
        writeFault(error),
      );
      this.cli.terminal.note(`muster: ${text}`);
      return false;
    }
  }
}

const unknown = (why: string): MusterError =>
  new MusterError('USAGE', t('--limit @failed: which hosts failed is unknown: {0}', why));

/** For people: it is never run again from here. */
export function commandText({ command, script }: RunRequest): string {
  if (script !== undefined) return t('a script');
  const text = withoutCredentials(command?.join(' ') ?? '').slice(0, 500);
  return holdsSecret(text) ? t('a command with a secret') : text;
}

function lastRunOf(text: string): LastRun | undefined {
  try {
    const run = JSON.parse(text) as Partial<LastRun> | null;
    const { version, startedAt, command, total, failed = [] } = run ?? {};
    const isSound =
      version === 1 &&
      typeof startedAt === 'string' &&
      typeof command === 'string' &&
      typeof total === 'number';
    const areNames = Array.isArray(failed) && failed.every((name) => typeof name === 'string');
    return isSound && areNames && !isNaN(Date.parse(startedAt)) ? (run as LastRun) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether what we make there is the user's: under sudo the home may be somebody else's. */
async function isOurs(folder: string): Promise<boolean> {
  const uid = process.geteuid?.();
  if (uid === undefined) return true;
  for (let above = folder; ; above = dirname(above)) {
    const status = await stat(above).catch(() => undefined);
    if (status) return status.uid === uid;
    if (above === dirname(above)) return false;
  }
}
