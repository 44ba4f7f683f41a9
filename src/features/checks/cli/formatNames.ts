/** What `muster check --format` takes, and `--output` before its `=`. */
export const formatNames = [
  'text',
  'json',
  'yaml',
  'ndjson',
  'junit',
  'tap',
  'nagios',
  'prometheus',
  'csv',
  'markdown',
  'github',
] as const;
export type FormatName = (typeof formatNames)[number];

const forPeople: readonly string[] = ['text', 'markdown', 'github'] satisfies FormatName[];

/** Whether nobody but people reads what a command prints and writes: that is in their language. */
export function isForPeople({ json, ndjson, format, output = [] }: CheckFormatOptions): boolean {
  const formats = [...(format === undefined ? [] : [format]), ...output.map((one) => one.split('=', 1)[0]!)];
  return !json && !ndjson && formats.every((one) => forPeople.includes(one));
}

/** The options of `muster check` that say what comes out, as written. */
export interface CheckFormatOptions {
  json?: boolean;
  ndjson?: boolean;
  format?: FormatName;
  output?: string[];
}
