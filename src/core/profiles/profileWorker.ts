// Runs in a worker thread, started by profileThread.ts.
import { MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type ErrorReport, errorReport } from '../errors';
import { largestFile, readRegularFile } from '../files/regularFile';
import { speak, type Texts } from '../l10n';
import { loadProfile, type LoadedProfile } from './loadedProfile';
import { type OrderName, profileOrders } from './profileOrders';

/** A file by its path, or what is in it. */
export interface ProfileSource {
  name: string;
  content: string | Uint8Array;
}
/** What the thread begins with, and the language that it speaks. */
export type ProfileThreadData = ProfileSource & { texts: Texts };
export interface ProfileOrder {
  order: OrderName;
  input: unknown;
}
export type ProfileAnswer = { value: unknown } | { error: ErrorReport };

async function load({ name, content }: ProfileSource): Promise<LoadedProfile> {
  return loadProfile(
    typeof content === 'string' ? await readRegularFile(content, largestFile.profile) : content,
    name,
  );
}

async function answer({ order, input }: ProfileOrder): Promise<ProfileAnswer> {
  try {
    const carryOut = profileOrders[order] as (loaded: LoadedProfile, input: unknown) => unknown;
    return { value: await carryOut(await loading, input) };
  } catch (error) {
    // Whoever waits at the other end hears of it.
    for (const port of Object.values(input ?? {})) if (port instanceof MessagePort) port.close();
    return { error: errorReport(error) };
  }
}

const { texts, ...source } = workerData as ProfileThreadData;
speak(texts);
const loading = load(source);
// Whoever asks is told why.
loading.catch(() => {});
parentPort!.on('message', (order: ProfileOrder) => {
  void answer(order).then((result) => parentPort!.postMessage(result));
});
