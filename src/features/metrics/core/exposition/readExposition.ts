import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import {
  type Exposition,
  type Family,
  type FamilyType,
  familyTypes,
  type Label,
  type Problem,
  type Sample,
} from './family';
import type { ExpositionFormat } from './formats';
import { LineFault, LineReader } from './lineReader';

/** UTF-16 units of a line; Prometheus has no bound, and no exporter comes near. */
const longestLine = 128 * 1024;
/** How many are kept, and how many there are where the rest is not looked at. */
const mostProblems = { kept: 20, read: 1_000 };
/** Of one page, and of families with what only describes them; kube-state-metrics of a large cluster has some 300,000. */
const mostSamples = 100_000;

/** What the names of a type's samples add to that of the family, in OpenMetrics. */
const suffixes: Readonly<Record<FamilyType, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_count', '_sum', '_created'],
  gaugehistogram: ['_bucket', '_gcount', '_gsum'],
  summary: ['', '_count', '_sum', '_created'],
  info: ['_info'],
  stateset: [''],
  unknown: [''],
};

/** The same in the older format, whose counters have the name of their family and whose other types are these. */
const olderSuffixes: Readonly<Partial<Record<FamilyType, readonly string[]>>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_count', '_sum'],
  summary: ['', '_count', '_sum'],
  unknown: [''],
};

interface OpenFamily {
  name: string;
  type?: FamilyType;
  help?: string;
  unit?: string;
  samples: Sample[];
  seen: Set<string>;
}

/**
 * Reads a page of metrics as it arrives: Prometheus' text format 0.0.4 with names in UTF-8
 * (https://prometheus.io/docs/instrumenting/exposition_formats/) and OpenMetrics 1.0
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/). A line that cannot be right is a problem with its number;
 * the other lines count. A sample that is there twice with different values is not taken a second time.
 */
export class ExpositionReader {
  private readonly families = new Map<string, OpenFamily>();
  private readonly problems: Problem[] = [];
  private problemCount = 0;
  private line = 0;
  /** The beginning of a line whose end has not come. */
  private begun = '';
  private isTooLong = false;
  private ended = false;
  private samples = 0;
  /** The page has more than is read of one: no more of it is taken. */
  isFull = false;
  /** The family of the last line. */
  private current: OpenFamily | undefined;

  constructor(private readonly format: ExpositionFormat) {}

  push(text: string): void {
    if (this.isFull) return;
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.take(this.begun + text.slice(from, end));
      this.begun = '';
      from = end + 1;
    }
    this.begun += text.slice(from);
    if (this.begun.length > longestLine) {
      this.isTooLong = true;
      this.begun = '';
    }
  }

  /** @param isWhole whether the transfer is known to have brought all of the page */
  end(isWhole: boolean): Exposition {
    // Without its end, a number may be the beginning of another one.
    if (!this.isFull && (this.begun !== '' || this.isTooLong)) {
      if (isWhole) this.take(this.begun);
      else this.problem(t('the page ends within this line'), this.line + 1);
    }
    if (isWhole && this.format === 'openmetrics' && !this.ended && !this.isFull)
      this.problem(t('“# EOF” is missing at the end: the page may be cut'), this.line + 1);
    const families = [...this.families.values()].map(({ seen: _, type = 'unknown', ...family }): Family => ({
      ...family,
      type,
    }));
    const isComplete = isWhole && !this.isFull && (this.format === 'prometheus' || this.ended);
    return { families, problems: this.problems, problemCount: this.problemCount, isComplete };
  }

  private take(line: string): void {
    if (this.isFull) return;
    this.line++;
    if (this.isTooLong || line.length > longestLine) {
      this.isTooLong = false;
      this.problem(t('the line is longer than {0} characters', longestLine));
      return;
    }
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    try {
      if (this.ended) throw new LineFault(t('there is more behind “# EOF”'));
      if (/^[ \t]*$/.test(text)) {
        if (this.format === 'openmetrics') throw new LineFault(t('OpenMetrics has no empty lines'));
      } else if (/^[ \t]*#/.test(text)) this.comment(text);
      else this.add(new LineReader(text, this.format).sample());
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      this.problem(error.message);
    }
  }

  private comment(text: string): void {
    const [, keyword, rest] = /^[ \t]*#[ \t]*(HELP|TYPE|UNIT|EOF)(?:[ \t]+(.*))?$/s.exec(text) ?? [];
    const isOpenMetrics = this.format === 'openmetrics';
    if (keyword === 'EOF' && isOpenMetrics) {
      if (text !== '# EOF') throw new LineFault(t('“# EOF” stands alone in its line'));
      this.ended = true;
      return;
    }
    if (keyword === undefined || keyword === 'EOF' || (keyword === 'UNIT' && !isOpenMetrics)) {
      if (isOpenMetrics) throw new LineFault(t('OpenMetrics has no comments but HELP, TYPE, UNIT and EOF'));
      return;
    }
    const reader = new LineReader(rest ?? '', this.format);
    const family = this.open(reader.familyName());
    this.current = family;
    if (keyword === 'HELP') this.describe(family, unescapeHelp(reader.rest(), this.format));
    else if (keyword === 'UNIT') this.measure(family, reader.rest().trim());
    else this.classify(family, reader.rest().trim());
  }

  private describe(family: OpenFamily, help: string): void {
    if (family.help !== undefined) throw new LineFault(t('there are two HELP lines for {0}', named(family)));
    family.help = help;
  }

  private measure(family: OpenFamily, unit: string): void {
    if (family.unit !== undefined) throw new LineFault(t('there are two UNIT lines for {0}', named(family)));
    if (unit !== '' && !family.name.endsWith(`_${unit}`))
      throw new LineFault(
        t('the name {0} does not end with its unit “{1}”', named(family), printable(unit, 60)),
      );
    family.unit = unit;
  }

  private classify(family: OpenFamily, word: string): void {
    const given = word.toLowerCase();
    const type = given === 'untyped' ? 'unknown' : familyTypes.find((one) => one === given);
    if (!type || (this.format === 'prometheus' && !(type in olderSuffixes)))
      throw new LineFault(t('“{0}” is not a type of metrics', printable(word, 60)));
    if (family.type !== undefined) throw new LineFault(t('there are two TYPE lines for {0}', named(family)));
    if (family.samples.length > 0)
      throw new LineFault(t('the type of {0} comes after its first sample', named(family)));
    family.type = type;
  }

  private add(sample: Sample): void {
    const family = this.familyOf(sample.name);
    if (!this.belongs(family, sample.name))
      throw new LineFault(t('{0} is not a sample of the type {1}', shown(sample), family.type));
    this.current = family;
    const key = keyOf(sample);
    if (family.seen.has(key)) throw new LineFault(t('{0} is there twice; the first counts', shown(sample)));
    this.check(family.type ?? 'unknown', family, sample);
    if (this.samples === mostSamples)
      return this.overflow(t('more than {0} samples: the rest is not read', mostSamples));
    this.samples++;
    family.seen.add(key);
    family.samples.push(sample);
  }

  /** What the values and labels of a type cannot be. */
  private check(type: FamilyType, { name }: OpenFamily, sample: Sample): void {
    const suffix = sample.name.slice(name.length);
    const label = (wanted: string) => sample.labels.find((one) => one.name === wanted)?.value;
    if (
      suffix === '_bucket' &&
      (type === 'histogram' || type === 'gaugehistogram') &&
      label('le') === undefined
    )
      throw new LineFault(t('a bucket has no label “le”: {0}', shown(sample)));
    if (type === 'counter' && suffix !== '_created' && sample.value < 0)
      throw new LineFault(t('a counter is below zero: {0}', shown(sample)));
  }

  private familyOf(sampleName: string): OpenFamily {
    const { current } = this;
    if (current && this.belongs(current, sampleName)) return current;
    for (const suffix of ['_total', '_created', '_bucket', '_count', '_sum', '_gcount', '_gsum', '_info']) {
      if (!sampleName.endsWith(suffix)) continue;
      const family = this.families.get(sampleName.slice(0, -suffix.length));
      if (family && this.belongs(family, sampleName)) return family;
    }
    return this.open(sampleName);
  }

  private belongs({ name, type = 'unknown' }: OpenFamily, sampleName: string): boolean {
    if (!sampleName.startsWith(name)) return false;
    const known = this.format === 'openmetrics' ? suffixes : olderSuffixes;
    return known[type]?.includes(sampleName.slice(name.length)) ?? false;
  }

  private open(name: string): OpenFamily {
    let family = this.families.get(name);
    if (family) return family;
    family = { name, samples: [], seen: new Set() };
    // One that is not kept is described for nobody.
    if (this.families.size < mostSamples) this.families.set(name, family);
    else this.overflow(t('more than {0} families: the rest is not read', mostSamples));
    return family;
  }

  private overflow(message: string): void {
    this.isFull = true;
    this.problem(message);
  }

  private problem(message: string, line = this.line): void {
    this.problemCount++;
    if (this.problems.length < mostProblems.kept) this.problems.push({ line, message });
    if (this.problemCount === mostProblems.read) this.isFull = true;
  }
}

/** Reads a page that is here as a whole. */
export function readExposition(text: string, format: ExpositionFormat): Exposition {
  const reader = new ExpositionReader(format);
  reader.push(text);
  return reader.end(true);
}

/** One key for the same name and labels in whatever order. */
export function seriesKey(name: string, labels: readonly Label[]): string {
  if (labels.length === 0) return name;
  const sorted = labels.length === 1 ? labels : [...labels].sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${name}\0${sorted.map(({ name, value }) => `${word(name)}\0${word(value)}`).join('\0')}`;
}

/** NUL parts the words of a key. */
function word(text: string): string {
  return text.includes('\0') ? JSON.stringify(text) : text;
}

function keyOf({ name, labels, timestampMs }: Sample): string {
  const key = seriesKey(name, labels);
  return timestampMs === undefined ? key : `${key}\0\0${timestampMs}`;
}

function shown({ name, labels }: Sample): string {
  const inBraces = labels.map((label) => `${label.name}="${label.value}"`).join(',');
  return `“${printable(inBraces === '' ? name : `${name}{${inBraces}}`, 120)}”`;
}

function named({ name }: OpenFamily): string {
  return `“${printable(name, 100)}”`;
}

function unescapeHelp(text: string, format: ExpositionFormat): string {
  const escapes = format === 'openmetrics' ? /\\([\\n"])/g : /\\([\\n])/g;
  return text.replace(escapes, (_, character: string) => (character === 'n' ? '\n' : character));
}
