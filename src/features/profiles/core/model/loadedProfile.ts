import { MusterError } from '../../../../platform/errors/errors';
import type { Profile } from './profile';
import { readProfile } from '../formats/readProfile';

/** Bytes of a file up to which speedscope reads it by itself, with its order in time. */
const mostAsItIs = 20_000_000;

/** A file that stays in memory to be asked about. */
export interface LoadedProfile {
  readonly name: string;
  /** The file as it is, if it is small enough to be drawn so. */
  readonly bytes: Uint8Array | undefined;
  /** What was read, or why speedscope alone can read it. */
  readonly read: Profile | MusterError;
}

/** @throws MusterError FORMAT, TOO_LARGE */
export async function loadProfile(bytes: Uint8Array, name: string): Promise<LoadedProfile> {
  try {
    const read = await readProfile(bytes, name);
    return { name, bytes: bytes.length <= mostAsItIs ? bytes : undefined, read };
  } catch (error) {
    // Recordings of the JVM are speedscope's own to read.
    const isJfr = Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'FLR\0';
    if (MusterError.is(error, 'FORMAT') && isJfr) return { name, bytes, read: error };
    throw error;
  }
}

/** @throws MusterError FORMAT if speedscope alone can read it */
export function profileOf({ read }: LoadedProfile): Profile {
  if (read instanceof MusterError) throw read;
  return read;
}
