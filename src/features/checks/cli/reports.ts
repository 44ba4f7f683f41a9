import path from 'node:path';
import { writeFault } from '../../../platform/files/fileFault';
import { writeInPlace } from '../../../platform/files/writeInPlace';
import type { Inventory } from '../../../platform/inventory/model';
import { printable } from '../../../platform/text/printable';
import type { Cli } from '../../../shell/cli/cli';
import { exitStatus, UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';
import { ndjsonParts, reportParts, writeParts } from '../../../shell/cli/output/jsonOutput';
import { OutputStream } from '../../../shell/cli/output/outputStream';
import { checks } from '../core/check';
import type { CheckReport } from '../core/checkBatch';
import { checkReportText } from './checkReport';
import { type CheckFormatOptions, type FormatName, formatNames } from './formatNames';
import type { Format, ReportSurroundings } from './formats/format';

/** Reads a format's code when it is asked for: most commands need none of them. */
const loads: Record<Exclude<FormatName, 'text'>, () => Promise<Format>> = {
  json: () => Promise.resolve((report) => reportParts(report)),
  ndjson: () => Promise.resolve(({ results }) => ndjsonParts(results)),
  yaml: async () => (await import('./formats/yaml')).yaml,
  junit: async () => (await import('./formats/junit')).junit,
  tap: async () => (await import('./formats/tap')).tap,
  nagios: async () => (await import('./formats/nagios')).nagios,
  prometheus: async () => (await import('./formats/prometheus')).prometheus,
  csv: async () => (await import('./formats/csv')).csv,
  markdown: async () => (await import('./formats/markdown')).markdown,
  github: async () => (await import('./formats/github')).github,
};

/** A file that the report is written into. */
export interface ReportFile {
  format: FormatName;
  file: string;
}

/** What standard output gets. @throws UsageError */
export function formatOf({ json, ndjson, format = 'text' }: CheckFormatOptions): FormatName {
  return json ? 'json' : ndjson ? 'ndjson' : format;
}

/** `junit=report.xml` each. @throws UsageError */
export function reportFiles({ output = [] }: CheckFormatOptions): ReportFile[] {
  return output.map((text) => {
    const [, name, file] = /^(\w+)=(.+)$/s.exec(text) ?? [];
    const format = formatNames.find((one) => one === name);
    if (format !== undefined && file !== undefined) return { format, file };
    throw new UsageError(
      t('--output: "{0}" is not FORMAT=FILE with one of {1}', text, formatNames.join(', ')),
    );
  });
}

export function surroundingsOf(inventory: Inventory, cli: Cli, hasUnknownHosts: boolean): ReportSurroundings {
  return {
    startedAt: new Date(),
    hasUnknownHosts,
    placeOf: (name) => {
      const source = inventory.section(checks).get(name)?.source;
      // What the command line gave is in no file.
      if (!source || !inventory.files.includes(source.file)) return undefined;
      // A runner takes a path as one from the root of its checkout, in whichever folder a step works.
      const file = path.relative(cli.env.GITHUB_WORKSPACE || cli.cwd, source.file);
      return { file: file.replaceAll(path.sep, '/'), line: source.line };
    },
  };
}

/** Prints a report on standard output. */
export async function printReport(
  report: CheckReport,
  format: FormatName,
  surroundings: ReportSurroundings,
  { terminal: { stdout } }: Cli,
): Promise<void> {
  if (format === 'text') return stdout.write(await checkReportText(report, stdout.colors));
  await writeParts(stdout, (await loads[format]())(report, surroundings));
}

/** Writes a report into files, each whole or not at all; one that cannot be written ends the command with its status. */
export async function writeReports(
  report: CheckReport,
  files: readonly ReportFile[],
  surroundings: ReportSurroundings,
  { cwd, interruption, terminal }: Cli,
): Promise<void> {
  for (const { format, file } of files) {
    try {
      const parts =
        format === 'text'
          ? [await checkReportText(report, OutputStream.plain)]
          : (await loads[format]())(report, surroundings);
      await replaceFile(path.resolve(cwd, file), [...parts].join(''));
    } catch (error) {
      terminal.note(t('muster: cannot write the output: {0}', `${printable(file)}: ${writeFault(error)}`));
      interruption.stop(exitStatus.output, 'the output cannot be written');
    }
  }
}

/** Who reads the file meanwhile finds the report before or this one. */
async function replaceFile(file: string, text: string): Promise<void> {
  if (await writeInPlace(file, text)) return;
  const { default: writeFileAtomic } = await import('write-file-atomic');
  await writeFileAtomic(file, text, { encoding: 'utf8' });
}
