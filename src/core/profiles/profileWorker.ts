// Runs in a worker thread, started by profileThread.ts.
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorReport, errorReport } from '../errors';
import { type DrawableProfile, drawableProfile } from './drawableProfile';

/** A file by its path, or what is in it. */
export interface ProfileOrder {
  name: string;
  content: string | Uint8Array;
}
export type ProfileAnswer = { profile: DrawableProfile } | { error: ErrorReport };

async function answer({ name, content }: ProfileOrder): Promise<ProfileAnswer> {
  try {
    const bytes = typeof content === 'string' ? await readFile(content) : content;
    return { profile: await drawableProfile(bytes, name) };
  } catch (error) {
    return { error: errorReport(error) };
  }
}

void answer(workerData as ProfileOrder).then((result) => parentPort!.postMessage(result));
