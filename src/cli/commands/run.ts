import { readFile } from 'node:fs/promises';
import { selectHosts } from '../../core/inventory/selector';
import { remoteCommand, type RunRequest } from '../../core/runs/remoteCommand';
import { defaultMaxOutput, type RunResult } from '../../core/runs/runBatch';
import { batchSettings, withEngine } from '../batch';
import { exitStatus } from '../exitStatus';
import type { RunFlags } from '../flags';
import { openInventory } from '../openInventory';
import { print, printJson, printLine } from '../output/print';
import { showProgress } from '../output/progress';
import { runReportText } from '../output/runReport';
import { styleFor } from '../output/style';
import { usageError } from '../usageError';

/** Standard input is held in memory, once for all hosts. */
const maxInputBytes = 256 * 1024 * 1024;

export async function run(
  selectors: readonly string[],
  words: readonly string[] | undefined,
  flags: RunFlags,
): Promise<void> {
  const request = await requestOf(words, flags);
  const maxOutput = flags.maxOutput === undefined ? defaultMaxOutput : byteCount(flags.maxOutput);
  const inventory = await openInventory(flags);
  const hosts = selectHosts(inventory, selectors);
  const settings = batchSettings(flags, inventory);
  const stdin = flags.stdin === undefined ? undefined : await readInput(flags.stdin);

  await withEngine(inventory, flags, settings, async (core, signal) => {
    const counts = { ok: 0, failed: 0, skipped: 0 };
    const style = styleFor(process.stderr, flags.color);
    const progress = showProgress(() => {
      const done = counts.ok + counts.failed + counts.skipped;
      const failed = counts.failed > 0 ? [style.red(`${counts.failed} failed`)] : [];
      return [`running ${done}/${hosts.length}`, style.green(`${counts.ok} ok`), ...failed].join(', ');
    });
    const report = await core.run(hosts, request, {
      ...settings,
      maxOutput,
      stdin,
      signal,
      onResult: (result: RunResult) => {
        counts[result.status]++;
        progress.changed();
        if (flags.ndjson) printLine(result);
      },
    });
    progress.stop();
    if (flags.json) await printJson(report);
    else if (!flags.ndjson) {
      for (const block of runReportText(report, styleFor(process.stdout, flags.color), flags.diff))
        await print(block);
    }
    return report.summary.ok === report.summary.total ? exitStatus.healthy : exitStatus.unhealthy;
  });
}

async function requestOf(words: readonly string[] | undefined, flags: RunFlags): Promise<RunRequest> {
  const { script, sudo } = flags;
  if (script !== undefined && words?.length) throw usageError('a command and --script exclude each other');
  if (script !== undefined && flags.stdin !== undefined) {
    throw usageError('a script is sent over standard input, so --stdin cannot be given with it');
  }
  if (script === undefined && !words?.length) {
    throw usageError('there is no command to run', 'Give it after --, as in: muster run web -- uptime');
  }
  const request = {
    command: words,
    script: script === undefined ? undefined : (await readFileOf(script, '--script')).toString(),
    env: Object.fromEntries((flags.env ?? []).map(variable)),
    sudo,
  };
  // Said before anything is opened.
  remoteCommand(request);
  return request;
}

function variable(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw usageError(`--env: "${text}" is not NAME=VALUE`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

async function readFileOf(path: string, option: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw usageError(`${option}: ${(error as Error).message}`);
  }
}

async function readInput(path: string): Promise<Buffer> {
  if (path !== '-') return readFileOf(path, '--stdin');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxInputBytes) throw usageError(`--stdin: more than ${maxInputBytes} bytes`);
  }
  return Buffer.concat(chunks);
}

const units: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
};

function byteCount(text: string): number {
  const [, digits, unit] = /^(\d+)\s*([a-z]*)$/i.exec(text) ?? [];
  const factor = units[unit?.toLowerCase() ?? '?'];
  if (digits === undefined || factor === undefined) {
    throw usageError(`--max-output: "${text}" is no number of bytes, such as 65536, 64KiB or 10MiB`);
  }
  return Number(digits) * factor;
}
