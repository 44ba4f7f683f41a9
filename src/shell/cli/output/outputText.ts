import type { RunResult } from '../../../features/runs/core/runBatch';

/** What a host has written, its standard error told apart. */
export function outputText({ stdout, stderr }: RunResult): string {
  return withNewline(stdout) + (stderr === '' ? '' : `[stderr]\n${withNewline(stderr)}`);
}

function withNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
