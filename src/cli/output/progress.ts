import { createLogUpdate } from 'log-update';

const redrawMs = 100;
let paused = 0;
let current: { clear(): void } | undefined;

/** Takes the progress line away until the returned function is called, so that a question can be read. */
export function pauseProgress(): () => void {
  paused++;
  current?.clear();
  return () => void paused--;
}

export interface Progress {
  /** Says that the counts have changed. */
  changed(): void;
  /** Removes the line. */
  stop(): void;
}

/** One live line on standard error where that is a terminal; nothing elsewhere. */
export function showProgress(line: () => string): Progress {
  if (!process.stderr.isTTY) return { changed() {}, stop() {} };
  const update = createLogUpdate(process.stderr);
  let dirty = true;
  const draw = () => {
    if (dirty && paused === 0) update(line());
    dirty = false;
  };
  current = update;
  const timer = setInterval(draw, redrawMs);
  draw();
  return {
    changed: () => void (dirty = true),
    stop() {
      clearInterval(timer);
      update.clear();
      update.done();
      current = undefined;
    },
  };
}
