import type { Deadline } from '../../../platform/batch/deadline';
import type { BecomeSettings, Host } from '../../../platform/inventory/model';
import type { Operation } from '../../../platform/operation/operation';
import type { Reading } from './reading';
import type { MetricEntry } from './section/metricEntry';
import type { ReadContext } from './sources/contract';
import { sourceOf } from './sources/sources';

/** A source on one of its hosts. */
export interface MetricTarget {
  readonly host: Host;
  readonly entry: MetricEntry;
}

/** Reads a source of a host once. @throws MusterError with its phase */
export function readSource(
  { host, entry }: MetricTarget,
  transport: ReadContext['transport'],
  {
    deadline,
    operation,
    become,
  }: { deadline: Deadline; operation?: Operation | undefined; become?: BecomeSettings | undefined },
): Promise<Reading> {
  const { type, settings, directory } = entry;
  return sourceOf(type).read(host, settings, {
    ...{ transport, deadline, operation, directory },
    become: become ?? entry.become,
  });
}
