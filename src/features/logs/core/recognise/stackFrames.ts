/** A place in source code that a line of a stack trace names. */
export interface StackFrame {
  /** As the program says it; of Java the file's name below the folders of its package. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column?: number;
  /** Name of the function, where the line tells it. */
  name?: string;
  /** Where it stands in the text. */
  start: number;
  end: number;
}

/** Where a frame of a language is in a line; groups: file, line, column, name. All are linear in time. */
const patterns: { matches: RegExp; file?: (file: string, name: string) => string }[] = [
  // Python: File "/srv/app/orders.py", line 12, in submit
  { matches: /\bFile "(?<file>[^"]{1,1024})", line (?<line>\d{1,9})(?:, in (?<name>\S{1,256}))?/d },
  // Java: at com.shop.orders.OrderService.submit(OrderService.java:42)
  {
    matches:
      /\bat (?:[\w.@]{0,256}\/){0,2}(?<name>[\w$.<>]{1,512})\((?<file>[\w$-]{1,256}\.(?:java|kt|scala|groovy)):(?<line>\d{1,9})\)/d,
    file: (file, name) => [...name.split('.').slice(0, -2), file].join('/'),
  },
  // Node: at submit (/srv/app/orders.js:12:5), at file:///srv/app/orders.js:12:5
  {
    matches:
      /\bat (?:(?:async )?(?<name>[^()]{1,256}?) \()?(?:file:\/\/)?(?<file>(?:[A-Za-z]:)?[\\/][^():\s]{1,1024}):(?<line>\d{1,9}):(?<column>\d{1,9})\)?/d,
  },
  // Go: 	/srv/app/orders.go:12 +0x1d; and what loggers write: orders/submit.go:12
  { matches: /(?<![\w./\\:-])(?<file>(?:[A-Za-z]:)?[\w./\\@+-]{1,1024}\.go):(?<line>\d{1,9})\b/d },
];
/** Characters of a line that are looked at. */
const most = 4096;

/** The place that a line of a stack trace of Go, Python, Java or Node names; undefined if it names none. */
export function stackFrameIn(text: string): StackFrame | undefined {
  if (!/[:"]/.test(text)) return undefined;
  const looked = text.slice(0, most);
  for (const { matches, file: fileOf } of patterns) {
    const match = matches.exec(looked);
    if (!match?.groups) continue;
    const { file, line, column, name } = match.groups;
    const [start, end] = match.indices!.groups!['file']!;
    const last = match.indices!.groups!['column']?.[1] ?? match.indices!.groups!['line']?.[1] ?? end;
    return {
      file: fileOf ? fileOf(file!, name!) : file!,
      line: Number(line),
      ...(column !== undefined && { column: Number(column) }),
      ...(name !== undefined && { name }),
      ...{ start, end: last },
    };
  }
  return undefined;
}
