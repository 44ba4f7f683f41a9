import { t, text } from '../../../../../platform/l10n/l10n';
import { formatError } from '../formatError';

/** A format that is known and not read: how it begins, what it is, and what to do instead. */
type Refused = readonly [begin: RegExp, message: string, hint: string];

const refused: readonly Refused[] = [
  [
    /^PERFILE2/,
    text('this is raw data of perf'),
    text('Turn it into text on the machine that it is from: perf script > FILE'),
  ],
  [
    /^FLR\0/,
    text('this is a recording of the JVM'),
    text('Open it as a flame graph, or capture collapsed stacks with async-profiler.'),
  ],
  [/^go 1\./, text('this is an execution trace of Go'), text('Look at it with: go tool trace FILE')],
  [
    /^(?:heap profile|goroutine profile|threadcreate profile|--- (?:contention|mutex)):|^goroutine \d+ \[/,
    text('this is a profile of Go as text'),
    text(
      'Fetch it without debug=1 or debug=2. Text from tcmalloc or jemalloc becomes pprof with: go tool pprof -proto FILE > FILE.pb.gz',
    ),
  ],
  [
    /^(?:# callgrind format|(?:version|creator|positions|events): [\s\S]*\nfn=)/,
    text('this is a profile of callgrind'),
    text('Look at it with: callgrind_annotate FILE'),
  ],
  [
    /^\s*<(?:!doctype html|html)/i,
    text('this is an HTML page'),
    text(
      'If it is a flame graph of async-profiler, write it again with: asprof -o collapsed. If a server sent it, look there for what went wrong.',
    ),
  ],
  [
    /^\s*\{\s*"snapshot"\s*:/,
    text('this is a heap snapshot'),
    text('Open it in the Memory panel of Chrome DevTools, or capture a heap profile (.heapprofile).'),
  ],
];

/** Refuses what is known and not read. @throws MusterError FORMAT */
export function refuseByBegin(begin: Buffer): void {
  const characters = begin.toString('latin1');
  for (const [mark, message, hint] of refused)
    if (mark.test(characters)) throw formatError(t(message), t(hint));
}
