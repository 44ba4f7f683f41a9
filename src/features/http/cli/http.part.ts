/** Requests from hosts: a part of its own. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import { requestFromHosts } from './http';
import type { GivenHttpOptions } from './httpOptions';

export const http = carriedOut<GivenHttpOptions>(
  requestFromHosts,
  ({ format = 'text', ndjson }) => format === 'text' && !ndjson,
);
