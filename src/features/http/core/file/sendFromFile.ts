import { MusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { t } from '../../../../platform/l10n/l10n';
import { type HttpReport, type HttpResult, type KeptResponse, withoutResponse } from '../httpBatch';
import type { HttpRequest } from '../httpRequest';
import { expectationsOf } from './expectations';
import type { Values } from './fillIn';
import type { FileRequest } from './httpFile';
import { requestOfFile } from './requestOfFile';

/** How the requests of a file are sent, beside what they say themselves. */
export interface Sending {
  readonly values: Omit<Values, 'response' | 'isRehearsal'>;
  /** That of the file. */
  readonly folder: string;
  readonly rest: Pick<HttpRequest, 'from' | 'http2' | 'tls' | 'socket' | 'compressed'>;
  /** Sends one of them; for all but the last, headers that log somebody in are given as they came. */
  send(
    this: void,
    hosts: readonly Host[],
    requestOf: (host: Host) => HttpRequest,
    isLast: boolean,
  ): Promise<HttpReport>;
}

/** Finds out whether every variable stands for something and every file is there. @throws MusterError USAGE */
export async function rehearse(
  steps: readonly FileRequest[],
  { values, folder, rest }: Pick<Sending, 'values' | 'folder' | 'rest'>,
): Promise<HttpRequest> {
  let last: HttpRequest | undefined;
  for (const step of steps)
    last = await requestOfFile(
      step,
      { ...values, response: () => undefined, isRehearsal: true },
      folder,
      rest,
    );
  return last!;
}

/**
 * Sends requests one after the other, each to all hosts; variables of a host stand for what that host was answered. A host
 * on which one fails gets no further ones. The report is that of the last. @throws MusterError USAGE
 */
export async function sendFromFile(
  hosts: readonly Host[],
  steps: readonly FileRequest[],
  { values, folder, rest, send }: Sending,
): Promise<HttpReport> {
  const answers = new Map(hosts.map((host) => [host, new Map<string, KeptResponse>()]));
  const failures = new Map<string, HttpResult>();
  let report: HttpReport | undefined;
  for (const step of steps) {
    const isLast = step === steps.at(-1);
    const { expected: expect } = expectationsOf(step);
    const requests = new Map<Host, HttpRequest>();
    for (const host of hosts) {
      if (failures.has(host.name)) continue;
      const response = (name: string) => answers.get(host)!.get(name);
      try {
        // Without responses in it it is the same for all.
        const [same] = steps.length === 1 ? requests.values() : [];
        requests.set(
          host,
          same ?? { ...(await requestOfFile(step, { ...values, response }, folder, rest)), expect },
        );
      } catch (error) {
        if (step === steps[0]) throw error;
        failures.set(host.name, withoutResponse(host, error));
      }
    }
    report = await send([...requests.keys()], (host) => requests.get(host)!, isLast);
    if (isLast) break;
    for (const [index, host] of [...requests.keys()].entries()) {
      const { response, status, error } = report.results[index]!;
      if (response && status === 'ok') answers.get(host)!.set(step.name!, response);
      else failures.set(host.name, withoutResponse(host, notAnswered(step, error?.message ?? '')));
    }
  }
  return withFailures(report!, hosts, failures);
}

function notAnswered({ name = '' }: FileRequest, why: string): MusterError {
  return new MusterError('DEPENDENCY', t('the request “{0}”, which it needs, has failed: {1}', name, why));
}

function withFailures(
  report: HttpReport,
  hosts: readonly Host[],
  failures: ReadonlyMap<string, HttpResult>,
): HttpReport {
  const { traceId } = report;
  const byHost = new Map(report.results.map((result) => [result.host, result]));
  const results = hosts.map(
    ({ name }) => byHost.get(name) ?? { ...failures.get(name)!, traceId, measurements: [] },
  );
  const summary = { ...report.summary, total: hosts.length, skipped: report.summary.skipped + failures.size };
  return { ...report, results, summary };
}
