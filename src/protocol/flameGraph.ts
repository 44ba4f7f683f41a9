/** What a flame graph and the editor tell each other. */

export type ToFlameGraph =
  { type: 'profile'; name: string; bytes: Uint8Array; banner: string } | { type: 'error'; message: string };

export type FromFlameGraph =
  | { type: 'ready' }
  /** speedscope could not read or draw it. */
  | { type: 'failed'; message: string }
  | { type: 'export'; name: string; text: string };
