/** Requests from hosts: a part of its own. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import { type GivenHttpOptions, requestFromHosts } from './http';

export const http = carriedOut<GivenHttpOptions>(
  requestFromHosts,
  ({ format = 'text', ndjson }) => format === 'text' && !ndjson,
);
