import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { ProfileBuilder } from '../profileBuilder';

/** A function as V8 names it; lines and columns count from 0. */
export const callFrameSchema = z.object({
  functionName: z.string(),
  url: z.string().nullish().catch(undefined),
  lineNumber: z.number().nullish().catch(undefined),
  columnNumber: z.number().nullish().catch(undefined),
});

export function frameOfCall(
  builder: ProfileBuilder,
  { functionName, url, lineNumber, columnNumber }: z.infer<typeof callFrameSchema>,
): number {
  return builder.frame(functionName || '(anonymous)', fileOf(url ?? ''), (lineNumber ?? -1) + 1, {
    column: (columnNumber ?? -1) + 1,
  });
}

function fileOf(url: string): string {
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}
