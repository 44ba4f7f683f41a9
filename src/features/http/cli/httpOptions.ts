import type { Host } from '../../../platform/inventory/model';
import type { BatchOptions } from '../../../shell/cli/options';
import type { Sending } from '../core/file/sendFromFile';
import type { HttpReport } from '../core/httpBatch';
import type { HttpRequest } from '../core/httpRequest';
import type { RequestOptions } from './readRequest';

/** What commander gives; `--json` is a body here, other than with other commands. */
export interface GivenHttpOptions extends Omit<BatchOptions, 'json'>, RequestOptions {
  include?: boolean;
  fail?: boolean;
  maxBody?: string;
  diff?: boolean;
  timing?: boolean;
  format?: 'text' | 'json' | 'ndjson';
  raw?: boolean;
  showSecrets?: boolean;
  confirmOver?: string;
  yes?: boolean;
  /** Of a request in a file. */
  name?: string;
  var?: string[];
  curl?: string;
  asCurl?: boolean;
  har?: string;
}

/** What is to be sent, and from where. */
export interface Wanted {
  selectors: readonly string[];
  /** In their order; variables that need responses are not filled in. */
  requests: readonly Pick<HttpRequest, 'method' | 'url'>[];
  /** The one whose response is wanted, as far as it is known. */
  whole: HttpRequest;
  /** Whether a file, and not who sends, accepts any certificate. */
  isInsecure: boolean;
  /** Whether the response is judged, and so kept. */
  isJudged: boolean;
  start(this: void, hosts: readonly Host[], send: Sending['send']): Promise<HttpReport>;
}
