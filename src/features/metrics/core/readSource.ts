import { setImmediate as rest } from 'node:timers/promises';
import type { Deadline } from '../../../platform/batch/deadline';
import { reworded, toMusterError } from '../../../platform/errors/errors';
import type { BecomeSettings, Host } from '../../../platform/inventory/model';
import type { Operation } from '../../../platform/operation/operation';
import { Redactor } from '../../../platform/redaction/redactor';
import type { Reading, Series } from './reading';
import type { MetricEntry } from './section/metricEntry';
import type { SourcePasswords } from './sourcePasswords';
import type { ReadContext } from './sources/contract';
import { sourceOf } from './sources/sources';

/** A source on one of its hosts. */
export interface MetricTarget {
  readonly host: Host;
  readonly entry: MetricEntry;
}

/** How sources are reached, and who has their passwords. */
export interface SourceAccess {
  readonly transport: ReadContext['transport'];
  readonly passwords: SourcePasswords;
}

/** Reads a source of a host once. @throws MusterError with its phase */
export async function readSource(
  target: MetricTarget,
  { transport, passwords }: SourceAccess,
  {
    deadline,
    operation,
    become,
  }: { deadline: Deadline; operation?: Operation | undefined; become?: BecomeSettings | undefined },
): Promise<Reading> {
  const { host, entry } = target;
  const { type, settings, directory } = entry;
  let redactor: Redactor | undefined;
  try {
    const reading = await sourceOf(type).read(host, settings, {
      ...{ transport, deadline, operation, directory },
      become: become ?? entry.become,
      login: async (wanted) => {
        const lent = await passwords.lend(target, wanted, deadline);
        (redactor ??= new Redactor()).add(lent.password);
        return lent;
      },
    });
    return redactor ? await withoutSecrets(reading, redactor) : reading;
  } catch (error) {
    const known = redactor;
    throw known ? reworded(toMusterError(error), (text) => known.redact(text)) : error;
  }
}

/** Series that are looked through at a time: some 5 ms. */
const seriesAtOnce = 5_000;

/** A service may repeat what it was asked with, and readings are shown, recorded and served. */
async function withoutSecrets(reading: Reading, redactor: Redactor): Promise<Reading> {
  const clean = (text: string) => redactor.redactKnown(text);
  const series: Series[] = [];
  for (let at = 0; at < reading.series.length; at += seriesAtOnce) {
    const some = reading.series.slice(at, at + seriesAtOnce);
    const text = some.map(textOf).join('\n');
    if (clean(text) === text) series.push(...some);
    else
      for (const { name, labels, ...one } of some)
        series.push({
          ...one,
          name: clean(name),
          labels: labels.map((label) => ({ name: clean(label.name), value: clean(label.value) })),
        });
    await rest();
  }
  const problems = reading.problems.map(({ message, ...one }) => ({ ...one, message: clean(message) }));
  return { ...reading, series, problems };
}

const textOf = ({ name, labels }: Series) =>
  labels.reduce((text, label) => `${text}\n${label.name}\n${label.value}`, name);
