import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { realpath, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeFault } from '../../../platform/files/fileFault';
import { makeFolder } from '../../../platform/files/makeFolder';
import { privateMode } from '../../../platform/files/privateFile';
import type { Host } from '../../../platform/inventory/model';
import { printable } from '../../../platform/text/printable';
import type { Cli } from '../../../shell/cli/cli';
import { exitStatus, UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';
import { FileNames, outcomesFile, outcomeTable } from '../core/hostFiles';
import type { RunReport, RunResult } from '../core/runBatch';

const endings = { stdout: '.out', stderr: '.err', exit: '.exit' } as const;
type Output = 'stdout' | 'stderr';

/** Bytes of each output that wait for the disk; then the host waits. */
const waitingBytes = 256 * 1024;

/**
 * `--output-dir`: for each host a file of its output, one of its errors and one with how it ended, written as they come and
 * whole, whatever `--max-output` keeps. Files of an earlier run are removed first and all are made anew: nothing that lies
 * under these names is followed or written into.
 */
export class OutputFolder {
  private readonly names: ReadonlyMap<string, string>;
  private readonly open = new Map<string, WriteStream>();
  private fault: unknown;

  private constructor(
    private readonly folder: string,
    hosts: readonly Host[],
    private readonly cli: Cli,
  ) {
    const names = new FileNames();
    this.names = new Map(hosts.map(({ name }) => [name, names.of(name)]));
  }

  /** @throws UsageError when it cannot be made, or what lies there be removed */
  static async make(directory: string, hosts: readonly Host[], cli: Cli): Promise<OutputFolder> {
    try {
      const named = resolve(cli.cwd, directory);
      await makeFolder(named, privateMode.folder);
      const folder = new OutputFolder(await realpath(named), hosts, cli);
      for (const name of folder.names.values())
        for (const ending of Object.values(endings))
          await rm(join(folder.folder, name + ending), { force: true });
      await rm(join(folder.folder, outcomesFile), { force: true });
      return folder;
    } catch (error) {
      throw new UsageError(
        t('{0}: cannot write {1}: {2}', '--output-dir', printable(directory), writeFault(error)),
      );
    }
  }

  /** Resolves when more may come; undefined where it may at once. */
  write(host: string, output: Output, piece: Buffer): Promise<void> | undefined {
    const stream = this.stream(host, output);
    // A copy, since the piece is valid now only.
    if (!stream.writable || stream.write(Buffer.from(piece))) return undefined;
    return once(stream, 'drain').then(
      () => {},
      () => {},
    );
  }

  /** The files of a host are complete once it has ended. */
  async ended(result: RunResult): Promise<void> {
    const { host, status } = result;
    const outputs = status === 'skipped' ? [] : (['stdout', 'stderr'] as const);
    await Promise.all(outputs.map((output) => this.close(host, output)));
    await this.put(`${this.names.get(host)!}${endings.exit}`, `${endOf(result)}\n`);
  }

  async finish({ results }: RunReport): Promise<void> {
    await this.put(outcomesFile, outcomeTable(results));
  }

  private stream(host: string, output: Output): WriteStream {
    const file = `${this.names.get(host)!}${endings[output]}`;
    let stream = this.open.get(file);
    if (!stream) {
      const options = { flags: 'wx', mode: privateMode.file, highWaterMark: waitingBytes };
      stream = createWriteStream(join(this.folder, file), options);
      stream.on('error', (error) => this.fail(file, error));
      this.open.set(file, stream);
    }
    return stream;
  }

  /** An output in which nothing came is an empty file. */
  private async close(host: string, output: Output): Promise<void> {
    const stream = this.stream(host, output);
    if (stream.closed) return;
    stream.end();
    await once(stream, 'close').catch(() => {});
  }

  private async put(file: string, text: string): Promise<void> {
    const options = { flag: 'wx', mode: privateMode.file };
    await writeFile(join(this.folder, file), text, options).catch((error: unknown) => this.fail(file, error));
  }

  /** What cannot be written ends the run: the disk is full, perhaps. */
  private fail(file: string, error: unknown): void {
    if (this.fault !== undefined) return;
    this.fault = error;
    const { terminal, interruption } = this.cli;
    terminal.note(
      t('muster: cannot write the output: {0}', `${join(this.folder, file)}: ${writeFault(error)}`),
    );
    interruption.stop(exitStatus.output, 'the output cannot be written');
  }
}

/** The exit status of the command, or what there was in its place. */
function endOf({ exitCode, signal, error, status }: RunResult): string {
  return String(exitCode ?? (signal === null ? (error?.code ?? status) : `SIG${signal}`));
}
