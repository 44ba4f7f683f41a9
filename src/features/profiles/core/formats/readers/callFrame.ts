import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { ProfileBuilder } from '../../model/profileBuilder';

/** A function as V8 names it; lines and columns count from 0. */
export const callFrameSchema = z.object({
  functionName: z.string(),
  url: z.string().nullish().catch(undefined),
  lineNumber: z.number().nullish().catch(undefined),
  columnNumber: z.number().nullish().catch(undefined),
});

type CallFrame = z.infer<typeof callFrameSchema>;

export function frameOfCall(builder: ProfileBuilder, call: CallFrame): number {
  const { name, file, line, column } = calledFrame(call);
  return builder.frame(name, file, line, { column });
}

/** Where lines and columns count from 1; 0 is unknown. */
export function calledFrame({ functionName, url, lineNumber, columnNumber }: CallFrame) {
  return {
    name: functionName || '(anonymous)',
    file: fileOf(url ?? ''),
    line: (lineNumber ?? -1) + 1,
    column: (columnNumber ?? -1) + 1,
  };
}

function fileOf(url: string): string {
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}
