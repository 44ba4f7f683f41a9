import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { promisify } from 'node:util';
import type { Bound, Measurement, Table } from './measure';

/** As Markdown. */
export function printed({ title, rows }: Table): string {
  const hasClaims = rows.some(({ claim }) => claim);
  const cells = [
    [
      'row',
      'Muster',
      'peer',
      'its figure',
      ...(hasClaims ? ['claimed of it'] : []),
      'ratio',
      'of bests',
      'target',
      'met',
      'CPU ms, Muster / peer',
    ],
    ...rows.map((row) => [
      row.row,
      figure(row.musterValue, row.unit),
      row.peer ?? '–',
      figure(row.peerValue, row.unit),
      ...(hasClaims ? [claimed(row)] : []),
      row.ratio?.toFixed(2) ?? '–',
      row.ratioOfBests?.toFixed(2) ?? '–',
      row.target ? bound(row.target) : '',
      row.met === undefined ? '' : row.met ? 'yes' : 'NO',
      row.musterCpuMs === undefined ? '' : `${rounded(row.musterCpuMs)} / ${rounded(row.peerCpuMs)}`,
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const [head, ...body] = cells;
  const notes = rows.flatMap(({ row, note }) => (note ? [`- ${row}: ${note}`] : []));
  return [
    `### ${title}`,
    '',
    line(head!),
    line(widths.map((width) => '-'.repeat(width))),
    ...body.map(line),
    ...(notes.length > 0 ? ['', ...notes] : []),
    '',
  ].join('\n');
}

const bound = (of: Bound) => ('atMost' in of ? `≤ ${of.atMost}` : `≥ ${of.atLeast}`);

function claimed({ claim, claimHolds, unit }: Measurement): string {
  if (!claim) return '';
  return `${bound(claim)} ${unit}${claimHolds === undefined ? '' : claimHolds ? ': holds' : ': NO'}`;
}

const rounded = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(0));

function figure(value: number | undefined, unit: string): string {
  if (value === undefined) return '–';
  const digits = value < 0.1 ? 2 : value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`.replace(' /s', '/s');
}

/** What the figures depend on. */
export async function machine(go: string | undefined): Promise<Record<string, string | number>> {
  const version = (file: string, ...args: string[]) =>
    promisify(execFile)(file, args).then(
      ({ stdout, stderr }) => `${stdout}${stderr}`.split('\n')[0]!.trim(),
      () => 'missing',
    );
  const [openssh, goVersion] = await Promise.all([
    version('ssh', '-V'),
    go ? version(go, 'version') : 'missing',
  ]);
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    go: goVersion,
    openssh,
  };
}
