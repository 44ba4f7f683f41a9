import type { Writable } from 'node:stream';
import { createColors } from 'picocolors';

export type Colors = ReturnType<typeof createColors>;

/** Whether to colour, as https://no-color.org and https://force-color.org have it. */
export function wantsColors(isTTY: boolean, env: NodeJS.ProcessEnv, option: boolean): boolean {
  if (!option || env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return isTTY && env.TERM !== 'dumb';
}

/** One of the process's outputs. Its reader may be slow or go away. */
export class OutputStream {
  /** For what is not a terminal. */
  static readonly plain: Colors = createColors(false);
  readonly isTTY: boolean;
  readonly colors: Colors;

  constructor(
    private readonly stream: Writable & { isTTY?: boolean; columns?: number },
    colored: boolean,
    onError: (error: NodeJS.ErrnoException) => void,
  ) {
    this.isTTY = stream.isTTY === true;
    this.colors = createColors(colored);
    stream.on('error', onError);
  }

  get columns(): number | undefined {
    return this.isTTY ? this.stream.columns : undefined;
  }

  /** Resolves when the text, or the bytes, were handed over, or cannot be. */
  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.stream.write(data, () => resolve());
    });
  }
}
