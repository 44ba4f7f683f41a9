import { z } from 'zod';

const dumpSchema = z.array(
  z.object({
    thread_name: z.string().nullish(),
    thread_id: z.number(),
    os_thread_id: z.number().nullish(),
    active: z.boolean().nullish(),
    frames: z.array(
      z.object({
        name: z.string(),
        filename: z.string(),
        short_filename: z.string().nullish(),
        line: z.number(),
      }),
    ),
  }),
);

/** The output of `py-spy dump --json` as folded stacks, a thread each. @throws ZodError, SyntaxError */
export function foldedDump(json: string): string {
  const threads = dumpSchema.parse(JSON.parse(json));
  const plain = (text: string) => text.replace(/[;\r\n]/g, ' ');
  return threads
    .map(({ thread_name: name, thread_id: id, os_thread_id: osId, frames }) => {
      const thread = `thread ${osId ?? id}${name ? ` ${plain(name)}` : ''}`;
      const stack = frames.map((frame) => `${plain(frame.name)} (${plain(frame.filename)}:${frame.line})`);
      return `${[thread, ...stack.reverse()].join(';')} 1\n`;
    })
    .join('');
}
