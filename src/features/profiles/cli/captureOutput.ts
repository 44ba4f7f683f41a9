// eslint-disable-next-line no-restricted-syntax -- a file that was captured into a new folder of our own
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { errorReport } from '../../../platform/errors/errors';
import type { CaptureResult } from '../core/capture/captureBatch';
import { capturedProfile } from '../core/capture/capturedProfile';
import type { CaptureKind } from '../core/capture/profiler';
import { hotFunctions } from '../core/analysis/hotFunctions';
import { mergeProfiles, type NamedProfile } from '../core/analysis/mergeProfiles';
import type { Profile, ValueType } from '../core/model/profile';
import { printable } from '../../../platform/text/printable';
import { writeFault } from '../../../platform/files/fileFault';
import { makeFolder } from '../../../platform/files/makeFolder';
import { privateMode, writePrivateFile } from '../../../platform/files/privateFile';
import type { Cli } from '../../../shell/cli/cli';
import { UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';
import type { WrittenFormat } from '../core/formats/profileFormats';
import { writeProfile } from './writeProfile';

/** A result with what its file holds. */
export interface WrittenCapture extends CaptureResult {
  format?: string;
  valueTypes?: readonly ValueType[];
  /** The function with the greatest weight of its own, and its share from 0 to 1. */
  hottest?: { name: string; share: number };
}

export interface OutputOptions {
  output?: string;
  merge?: boolean;
}

const formats: readonly (readonly [ending: string, to: WrittenFormat])[] = [
  ['.json', 'speedscope'],
  ['.folded', 'folded'],
  ['.collapsed', 'folded'],
];

/** Where captures are written: a file, a folder with one for each host, or standard output. */
export class CaptureOutput {
  /** The merged file, once it is written. */
  merged: string | undefined;
  private readonly profiles: NamedProfile[] = [];

  private constructor(
    private readonly kind: CaptureKind,
    private readonly isMerging: boolean,
    private readonly folder: string | undefined,
    /** A file, or `-`. */
    private readonly file: string | undefined,
    private readonly cli: Cli,
  ) {}

  /** @throws UsageError */
  static async open(
    { output, merge = false }: OutputOptions,
    hostCount: number,
    kind: CaptureKind,
    cli: Cli,
  ): Promise<CaptureOutput> {
    const isSingle = hostCount === 1 || merge;
    if (merge && kind.ending === '.jfr')
      throw new UsageError(t('recordings of the JVM cannot be merged: capture another kind'));
    if (output === undefined && !isSingle)
      throw new UsageError(
        t('name a folder for the files of {0} hosts with --output, or --merge them', hostCount),
      );
    if (output === '-' && !isSingle)
      throw new UsageError(t('several files cannot go to standard output: --merge them'));
    const path = output === undefined || output === '-' ? undefined : resolve(cli.cwd, output);
    const isFolder = path !== undefined && (!isSingle || /[\\/]$/.test(output!) || (await isDirectory(path)));
    if (isFolder)
      try {
        await makeFolder(path, privateMode.folder);
      } catch (error) {
        throw cannotWrite(output!, error);
      }
    return new CaptureOutput(
      kind,
      merge,
      isFolder ? path : undefined,
      isFolder ? undefined : output === '-' ? '-' : path,
      cli,
    );
  }

  /** Puts the file of a result to where it belongs, and looks into it. @throws UsageError when it cannot be written */
  async keep(result: CaptureResult): Promise<WrittenCapture> {
    const { file, host } = result;
    if (file === undefined) return result;
    const { profile, ending, isEmpty, error } = await capturedProfile(file, result.ending);
    const notes = isEmpty && this.kind.whenEmpty ? [...result.notes, t(this.kind.whenEmpty)] : result.notes;
    if (profile && this.isMerging) this.profiles.push({ name: host, profile });
    const place = await this.place(file, basename(file).slice(0, -result.ending.length), ending);
    return {
      ...{ ...result, ending, notes, file: place },
      ...(error && { status: 'failed', error: errorReport(error) }),
      ...(profile && { format: profile.format, valueTypes: profile.valueTypes, hottest: hottestOf(profile) }),
    };
  }

  /** Writes the one profile of all hosts, if it was asked for. @throws UsageError, MusterError TOO_LARGE */
  async finish(): Promise<void> {
    if (!this.isMerging || this.profiles.length === 0) return;
    const output =
      this.folder === undefined
        ? (this.file ?? join(this.cli.cwd, 'merged.pb.gz'))
        : join(this.folder, 'merged.pb.gz');
    const to = formats.find(([ending]) => output.endsWith(ending))?.[1] ?? 'pprof';
    const profile = mergeProfiles(this.profiles);
    for (const note of profile.notes) this.cli.terminal.note(`muster: ${printable(note, 500)}`);
    const name = this.profiles.map((one) => one.name).join(', ');
    await writeProfile(profile, { to, output, name, valueType: profile.defaultValueType }, this.cli);
    this.merged = output;
  }

  /** Undefined where only the merged profile is kept, and for standard output. */
  private async place(file: string, name: string, ending: string): Promise<string | undefined> {
    if (this.folder === undefined && this.isMerging) return undefined;
    if (this.file === '-') {
      await this.print(file);
      return undefined;
    }
    const target =
      this.folder !== undefined
        ? join(this.folder, `${name}${ending}`)
        : (this.file ?? join(this.cli.cwd, `${name}-${this.kind.name}${ending}`));
    try {
      await writePrivateFile(target, createReadStream(file));
    } catch (error) {
      throw cannotWrite(target, error);
    }
    await rm(file);
    return target;
  }

  private async print(file: string): Promise<void> {
    if (process.stdout.isTTY && this.kind.ending === '.pb.gz')
      throw new UsageError(t('the format is not text: name a file with --output'));
    for await (const chunk of createReadStream(file)) await this.cli.terminal.stdout.write(chunk as Buffer);
  }
}

function hottestOf(profile: Profile): WrittenCapture['hottest'] {
  const { whole, functions } = hotFunctions(profile);
  // What a difference took away is not hot.
  const top = functions.find(({ self }) => self > 0);
  return top && { name: top.name, share: top.self / whole };
}

function cannotWrite(output: string, error: unknown): UsageError {
  return new UsageError(t('{0}: cannot write {1}: {2}', '--output', printable(output), writeFault(error)));
}

const isDirectory = (path: string) =>
  stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
