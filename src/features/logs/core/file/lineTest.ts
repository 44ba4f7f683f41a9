import { RE2JS } from 're2js';
import { compileExpression } from '../recognise/continuation';
import { meetsConditions } from '../filter/fieldMatch';
import type { LogFilter, TextPattern } from '../filter/logFilter';
import { logLevels } from '../recognise/logLevel';

/** A line as it was recognised. */
export interface RecognisedLine {
  bytes: Buffer;
  start: number;
  end: number;
  /** Milliseconds since 1970; NaN for none. */
  time: number;
  /** Index into `logLevels`. */
  level: number;
}

export interface LineTest {
  /** Whether some line of these bytes can pass: most blocks are done with at once. */
  mayPass: (bytes: Buffer) => boolean;
  passes: (line: RecognisedLine) => boolean;
}

/** What a line without a level counts as. */
const usualLevel = logLevels.indexOf('info');
const always = () => true;

/** Whether a line passes a filter; undefined for a filter that all lines pass. @throws MusterError FORMAT */
export function lineTest(filter: LogFilter): LineTest | undefined {
  const { from, to, level, include = [], exclude = [], fields = [] } = filter;
  const includes = include.map(patternTest);
  const tests: LineTest['passes'][] = [];
  if (from !== undefined) tests.push(({ time }) => time >= from);
  if (to !== undefined) tests.push(({ time }) => time < to);
  if (level !== undefined) {
    const least = logLevels.indexOf(level);
    tests.push((line) => (line.level === 0 ? usualLevel : line.level) >= least);
  }
  for (const { passes } of includes) tests.push(passes);
  for (const { passes } of exclude.map(patternTest)) tests.push((line) => !passes(line));
  if (fields.length > 0)
    tests.push(({ bytes, start, end }) =>
      meetsConditions(bytes.toString('utf8', start, end), 'auto', fields),
    );
  if (tests.length === 0) return undefined;
  return {
    mayPass: (bytes) => includes.every(({ mayPass }) => mayPass(bytes)),
    passes: (line) => tests.every((passes) => passes(line)),
  };
}

/** @throws MusterError FORMAT for what is not a regular expression */
export function patternTest({ text, regex, caseSensitive }: TextPattern): LineTest {
  if (!regex && caseSensitive) {
    const wanted = Buffer.from(text);
    return {
      mayPass: (bytes) => bytes.includes(wanted),
      passes: ({ bytes, start, end }) => {
        const at = bytes.indexOf(wanted, start);
        return at >= 0 && at + wanted.length <= end;
      },
    };
  }
  if (!regex && /^[\x20-\x7e]*$/.test(text)) {
    const wanted = text.toLowerCase();
    const has = (bytes: Buffer, start: number, end: number) =>
      bytes.toString('latin1', start, end).toLowerCase().includes(wanted);
    return {
      mayPass: (bytes) => has(bytes, 0, bytes.length),
      passes: ({ bytes, start, end }) => has(bytes, start, end),
    };
  }
  const flags = caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE;
  const expression = compileExpression(regex ? text : RE2JS.quote(text), flags);
  return {
    mayPass: always,
    passes: ({ bytes, start, end }) => expression.test(bytes.toString('utf8', start, end)),
  };
}
