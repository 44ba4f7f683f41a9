import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import { Deadline } from '../../../platform/batch/deadline';
import { toMusterError } from '../../../platform/errors/errors';
import type { BecomeSettings, Host } from '../../../platform/inventory/model';
import { t } from '../../../platform/l10n/l10n';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import { printable, printableText } from '../../../platform/text/printable';
import { readFile } from '../../../platform/transport/files/readFiles';
import type { HostTransport } from '../../../platform/transport/hostTransport';
import type { Comparison } from './compareFacts';
import { factText } from './factDiff';
import type { FactTable } from './factTable';

/** How one group differs from the one that it is held against. */
export interface GroupDifference {
  readonly from: string;
  readonly to: string;
  /** Of a file's content; all entries where it is missing. */
  readonly path?: string;
  /** A unified diff. */
  readonly patch: string;
}

interface Surroundings {
  readonly transport: Pick<HostTransport, 'files'>;
  readonly hostOf: (name: string) => Host | undefined;
  readonly timeoutMs: number;
  /** As whom to read. */
  readonly become?: BecomeSettings | undefined;
  readonly signal?: AbortSignal;
}

const most = { groups: 20, files: 50, bytes: 1024 * 1024 };
/** Milliseconds for one comparison; the worst case is quadratic. */
const patience = 2_000;

/** What differs between the entries of the first group and each other one. */
export function* groupDifferences(table: FactTable, { groups }: Comparison): Generator<GroupDifference> {
  const [first, ...others] = groups;
  for (const other of others.slice(0, most.groups)) {
    const [from, to] = [first!, other].map(({ hosts }) => factText(table, hosts[0]!));
    const sets = { from: printable(first!.hostSet, 200), to: printable(other.hostSet, 200) };
    yield { ...sets, patch: patchOf(sets.from, sets.to, from!, to!) };
  }
}

/** The contents of files that differ, read now, without secrets: of each class from one of its hosts. */
export async function* contentDifferences(
  { keys, differences }: Comparison,
  surroundings: Surroundings,
): AsyncGenerator<GroupDifference> {
  let left = most.files;
  for (const { entries, common, others } of differences) {
    const classes = common ? [common, ...others] : others;
    for (const [at, { fact, name }] of entries.entries()) {
      const [, path] = /^(\/.*) content$/.exec(name) ?? [];
      if (path === undefined || !keys[fact]!.startsWith('files=')) continue;
      const [first, ...rest] = classes.filter(({ states }) => states[at] !== null);
      for (const other of rest) {
        if (left-- <= 0) return;
        const contents = await Promise.all(
          [first!, other].map(({ hosts }) => contentOf(hosts[0]!, path, surroundings)),
        );
        const sets = { from: printable(first!.hostSet, 200), to: printable(other.hostSet, 200) };
        const [from, to] = contents.map(({ text }) => text);
        const failure = contents.find(({ failed }) => failed !== undefined)?.failed;
        const isSame = from === to;
        yield {
          ...{ ...sets, path },
          patch:
            failure !== undefined
              ? `[${failure}]\n`
              : isSame
                ? `[${t('what differs is hidden, or the file has changed since')}]\n`
                : patchOf(`${sets.from}:${path}`, `${sets.to}:${path}`, from!, to!),
        };
      }
    }
  }
}

async function contentOf(
  name: string,
  path: string,
  { transport, hostOf, timeoutMs, become, signal }: Surroundings,
): Promise<{ text: string; failed?: string }> {
  const host = hostOf(name);
  if (!host) return { text: '', failed: t('{0} is not reached', name) };
  const deadline = new Deadline(timeoutMs, signal);
  try {
    const files = await transport.files(host, { deadline, become });
    try {
      const { bytes } = await readFile(files, path, most.bytes, deadline);
      if (bytes.includes(0)) return { text: '', failed: t('{0} is not text', path) };
      return { text: `${withoutCredentials(printableText(Buffer.from(bytes).toString('utf8')))}\n` };
    } finally {
      files.close();
    }
  } catch (error) {
    const { message } = toMusterError(deadline.reason ?? error, { host: name });
    return { text: '', failed: `${name}: ${printable(message, 300)}` };
  } finally {
    deadline.dispose();
  }
}

function patchOf(from: string, to: string, before: string, after: string): string {
  const patch = structuredPatch(from, to, before, after, undefined, undefined, {
    timeout: patience,
    context: 2,
  });
  if (!patch) return `[${t('too different to compare')}]\n`;
  return formatPatch(patch, FILE_HEADERS_ONLY);
}
