import { createHash } from 'node:crypto';
import { withoutNames } from '../../../platform/batch/exampleOf';
import { foldBy, type Folded } from '../../../platform/batch/foldBy';
import type { HttpResult, KeptResponse } from './httpBatch';

/** Hosts whose responses are the same. */
export type FoldedResponses = Folded<HttpResult>;

/** Headers that differ between two answers to the same request, and say nothing about the server. */
const passing =
  /^(?:date|age|expires|connection|keep-alive|set-cookie|server-timing|traceparent|tracestate|cf-ray|via|x-(?:runtime|response-time|process-time|timer)|(?:x-)?(?:amz-|amzn-)?(?:request|correlation|trace)-?id|x-amz-id-2|x-(?:b3|cloud)-.*|x-cache(?:-hits)?|x-ratelimit-.*|ratelimit(?:-.*)?)$/;

/** Whether a header says nothing about how servers differ. */
export function isPassing(name: string): boolean {
  return passing.test(name);
}

/** Groups results by status, headers and body: the biggest group last, else in the order given. */
export function foldResponses(results: readonly HttpResult[]): FoldedResponses[] {
  return foldBy(results, (result) => {
    const { status, response, error, host } = result;
    const failure = error && [error.code, error.phase, withoutNames([error.message, ...error.causes], host)];
    const parts = [
      status,
      failure,
      response && [response.status, bodyKey(response), headersKey(response, host)],
    ];
    return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
  });
}

/** The same for the same body. */
export function bodyKey({ sha256, truncated }: KeptResponse): string {
  return `${sha256}${truncated ? '…' : ''}`;
}

/** Two hosts that answer alike may say their names and addresses. */
function headersKey({ headers }: KeptResponse, host: string): unknown {
  return Object.entries(headers)
    .filter(([name]) => !isPassing(name))
    .map(([name, values]) => [name, withoutNames([values].flat(), host)])
    .sort();
}
