import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import WebSocket from 'ws';
import { z } from 'zod';
import { MusterError, toMusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import { connectTo, type Endpoint, get } from '../../../../platform/http/endpoint';
import type { CaptureContext } from './profiler';

const targetsSchema = z.array(
  z.object({
    type: z.string().optional(),
    title: z.string().default(''),
    webSocketDebuggerUrl: z.string().optional(),
  }),
);
const answerSchema = z.object({
  id: z.number().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
});

/** Bytes of one message: a profile is one. */
const maxPayload = 1024 ** 3;

interface Pending {
  resolve: (result: Record<string, unknown>) => void;
  reject: (error: unknown) => void;
}

/** A session of V8's inspector protocol (https://chromedevtools.github.io/devtools-protocol/v8/). */
export class Inspector implements Disposable {
  private readonly pending = new Map<number, Pending>();
  private serial = 0;

  private constructor(
    /** What the process calls itself. */
    readonly title: string,
    private readonly socket: WebSocket,
    private readonly context: CaptureContext,
    private readonly host: string,
  ) {
    socket.on('message', (data: Buffer) => this.take(data));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () =>
      this.fail(
        new MusterError('RESET', t('the process closed the inspector’s connection'), {
          phase: 'run',
          hint: t('It may have ended, or be debugged by somebody else.'),
        }),
      ),
    );
  }

  /** Connects to the first target that the endpoint lists. @throws MusterError with its phase */
  static async open(endpoint: Endpoint, context: CaptureContext): Promise<Inspector> {
    const { title, url } = await targetOf(endpoint, context);
    const stream = await connectTo(endpoint, context);
    // The stream is there already: by the scheme of local sockets the editor does not connect anew, by its settings for
    // proxies. The process names itself as it listens, which need not be how it is reached.
    const socket = new WebSocket(`ws+unix:inspector:${url.pathname}`, {
      headers: { host: endpoint.url.host },
      ...{ createConnection: () => stream as never, perMessageDeflate: false, maxPayload },
    });
    const inspector = new Inspector(title, socket, context, endpoint.host.name);
    const unhear = context.deadline.onAbort(() => socket.terminate());
    socket.once('close', unhear);
    try {
      await once(socket, 'open');
      return inspector;
    } catch (error) {
      socket.terminate();
      throw toMusterError(context.deadline.reason ?? error, { host: endpoint.host.name, phase: 'request' });
    }
  }

  /** @throws MusterError */
  async call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.serial;
    try {
      return await new Promise<Record<string, unknown>>((resolve, reject) => {
        if (this.socket.readyState !== WebSocket.OPEN) throw new Error('the connection is closed');
        this.pending.set(id, { resolve, reject });
        this.socket.send(JSON.stringify({ id, method, params }));
      });
    } catch (error) {
      throw toMusterError(this.context.deadline.reason ?? error, { host: this.host, phase: 'run' });
    } finally {
      this.pending.delete(id);
    }
  }

  /** Whatever records in the process ends with the session. */
  [Symbol.dispose](): void {
    this.socket.terminate();
  }

  private take(data: Buffer): void {
    const parsed = parseJson(data.toString(), answerSchema);
    const pending = parsed?.id === undefined ? undefined : this.pending.get(parsed.id);
    if (parsed?.error)
      pending?.reject(new MusterError('PROTOCOL', printable(parsed.error.message), { phase: 'run' }));
    else pending?.resolve(parsed?.result ?? {});
  }

  private fail(error: unknown): void {
    for (const { reject } of this.pending.values()) reject(error);
  }
}

async function targetOf(endpoint: Endpoint, context: CaptureContext): Promise<{ title: string; url: URL }> {
  // Names other than addresses are refused by the inspector, against DNS rebinding.
  const response = await get(endpoint, '/json/list', context, { host: endpoint.url.host });
  const targets = parseJson(await text(response).catch(() => ''), targetsSchema);
  const target = targets?.find(({ webSocketDebuggerUrl: url = '' }) => URL.canParse(url));
  if (target) return { title: printable(target.title), url: new URL(target.webSocketDebuggerUrl!) };
  throw new MusterError('PROTOCOL', t('what answers there is no inspector of Node.js, or it has no target'), {
    ...{ host: endpoint.host.name, phase: 'request' },
    hint: t('Check the port: node --inspect listens on 9229 by default.'),
  });
}

function parseJson<T>(json: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(json));
  } catch {
    return undefined;
  }
}
