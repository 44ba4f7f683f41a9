import { type Disposable, type ExtensionContext, extensions } from 'vscode';
import type { MusterApi, MusterExports, MusterHost } from '../../../../api/muster';

/** What the suites use of this extension. */
export interface ProbeExtension {
  readonly api: MusterApi;
  /** The hosts that its probe was asked about. */
  readonly probed: readonly MusterHost[];
  registerColour(this: void): Promise<Disposable>;
}

/** A second extension, which knows of Muster what is published: api/muster.d.ts. */
export async function activate(context: ExtensionContext): Promise<ProbeExtension> {
  const muster = extensions.getExtension<MusterExports>('muster-ops.muster')!;
  const api = (await muster.activate()).getApi(1, context.extension.id);
  const probed: MusterHost[] = [];
  const registerColour = () =>
    api.registerProbe('colour', {
      description: 'Asks a host for its colour.',
      settings: {
        properties: {
          expect: { type: 'string', enum: ['green', 'red'], description: 'The colour that it should have.' },
        },
        required: ['expect'],
      },
      async check(host, { expect }, { signal }) {
        probed.push(host);
        const colour = host.labels['colour'];
        if (colour === undefined)
          throw new Error('it has no colour', { cause: new Error('nobody painted it') });
        if (colour === 'slow')
          await new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new Error('aborted')));
          });
        return colour === expect
          ? { status: 'healthy', message: `it is ${colour}` }
          : {
              ...{ status: 'unhealthy', message: `it is\u202e not ${String(expect)}` },
              mismatch: { expected: String(expect), actual: colour },
            };
      },
    });
  return { api, probed, registerColour };
}
