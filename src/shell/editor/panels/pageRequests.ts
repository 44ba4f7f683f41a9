import type { Disposable, Webview } from 'vscode';
import { type ZodError, type ZodType } from 'zod';
import type { Logger } from '../../../platform/host/host';
import { printable } from '../../../platform/text/printable';
import type { Handlers, Requests } from '../../protocol/requests';

/** What the args of each request are. A page shows what comes from hosts, so nothing that it sends is trusted. */
export type Schemas<R extends Requests<R>> = { readonly [Name in keyof R]: ZodType<R[Name]['args']> };

/** Reads the args out of a message, then answers. */
type Served = (
  message: object,
) => { isSound: true; answer: () => Promise<object | void> } | { isSound: false; why: string };

/** What a panel answers, by the name of the request. */
export type ServedRequests = ReadonlyMap<string, Served>;

/** The requests of one record, each with what reads and what answers it. */
export function requests<R extends Requests<R>>(schemas: Schemas<R>, handlers: Handlers<R>): ServedRequests {
  const served =
    <Name extends keyof R>(name: Name): Served =>
    (message) => {
      const read = schemas[name].safeParse(message);
      if (!read.success) return { isSound: false, why: reasonOf(read.error) };
      return { isSound: true, answer: async () => handlers[name](read.data) };
    };
  return new Map((Object.keys(schemas) as (keyof R & string)[]).map((name) => [name, served(name)]));
}

export interface PagePorts {
  /** What the panel is called in the log. */
  name: string;
  logger: Logger;
  /** An answer failed. */
  failed: (error: unknown) => void;
}

/** Answers what a page asks. What is not a request of the panel is refused; the log says so once, since a page may flood it. */
export function serveRequests(
  webview: Pick<Webview, 'onDidReceiveMessage' | 'postMessage'>,
  served: ServedRequests,
  { name: panel, logger, failed }: PagePorts,
): Disposable {
  let hasRefused = false;
  const refuse = (why: string) => {
    if (!hasRefused) logger.warn(`${panel}: refused a message of the page: ${printable(why, 200)}`);
    hasRefused = true;
  };
  return webview.onDidReceiveMessage(async (message: unknown) => {
    const name = nameOf(message);
    const read = name === undefined ? undefined : served.get(name)?.(message as object);
    if (!read) return refuse(name === undefined ? 'it has no type' : `“${name}” is not a request`);
    if (!read.isSound) return refuse(`${name}: ${read.why}`);
    try {
      const result = await read.answer();
      if (result !== undefined) void webview.postMessage({ type: name, ...result });
    } catch (error) {
      failed(error);
    }
  });
}

function nameOf(message: unknown): string | undefined {
  const type = (message as { type?: unknown } | null | undefined)?.type;
  return typeof type === 'string' ? type : undefined;
}

function reasonOf({ issues: [issue] }: ZodError): string {
  return issue ? [issue.path.join('.'), issue.message].filter(Boolean).join(': ') : '';
}
