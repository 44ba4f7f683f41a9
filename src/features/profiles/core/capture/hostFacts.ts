import type { Host } from '../../../../platform/inventory/model';
import { t } from '../../../../platform/l10n/l10n';
import { shellQuote } from '../../../../platform/text/shellQuote';
import { type HostSession, hostScript, scriptError } from '../../../../platform/transport/hostScript';

/** Bits of Linux capabilities (linux/capability.h). */
export const capability = { sysPtrace: 19n, sysAdmin: 21n, perfmon: 38n } as const;

/** What a host lets profilers do. */
export interface HostFacts {
  readonly os: string;
  readonly uid: number;
  /** Path by name, of those that are there. */
  readonly tools: ReadonlyMap<string, string>;
  /** Capabilities that files of tools give, as getcap prints them. */
  readonly fileCapabilities: string;
  /** 0 to 3 (Yama); undefined where the kernel has none. */
  readonly ptraceScope: number | undefined;
  /** -1 to 4; undefined where the kernel has no performance events. */
  readonly perfEventParanoid: number | undefined;
  readonly isContainer: boolean;
  has(bit: bigint): boolean;
  readonly target: TargetFacts | undefined;
}

/** What is known of the process to be looked at. */
export interface TargetFacts {
  readonly exists: boolean;
  readonly uid: number | undefined;
  /** Path of its program, empty where it may not be read. */
  readonly program: string;
  /** Whether it handles SIGUSR1, which would end it otherwise. */
  readonly catchesUsr1: boolean;
}

/** Folders of tools that logins without a terminal often lack. */
export const toolPath =
  'PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin:$HOME/.local/bin:$HOME/bin"; export PATH';

/** A script for any POSIX shell, busybox's included, that prints `key=value` lines. */
function factsScript(tools: readonly string[], pid: number | undefined): string {
  return `${toolPath}
echo "os=$(uname -s)"; echo "uid=$(id -u)"
for f in kernel/yama/ptrace_scope kernel/perf_event_paranoid; do
  [ -r /proc/sys/$f ] && echo "\${f##*/}=$(cat /proc/sys/$f)"
done
[ -r /proc/self/status ] && while read -r k v; do [ "$k" = CapEff: ] && echo "capabilities=$v"; done </proc/self/status
{ [ -f /.dockerenv ] || [ -f /run/.containerenv ]; } && echo container=1
for t in ${tools.map(shellQuote).join(' ')}; do
  p=$(command -v "$t" 2>/dev/null) && [ -n "$p" ] && { echo "tool.$t=$p"; c=$(getcap "$p" 2>/dev/null) && [ -n "$c" ] && echo "filecap=$c"; }
done
${
  pid === undefined
    ? ''
    : `if kill -0 ${pid} 2>/dev/null || [ -d /proc/${pid} ]; then
  echo target=1; echo "program=$(readlink /proc/${pid}/exe 2>/dev/null)"
  [ -r /proc/${pid}/status ] && while read -r k v w; do case $k in
    Uid:) echo "owner=\${v}" ;; SigCgt:) echo "caught=$v" ;; esac; done </proc/${pid}/status
fi`
}
exit 0`;
}

/** Asks the host, as the user who will capture. @throws MusterError with its phase */
export async function hostFacts(
  host: Host,
  tools: readonly string[],
  session: HostSession,
  { pid, sudo }: { pid?: number | undefined; sudo?: boolean | undefined } = {},
): Promise<HostFacts> {
  const result = await hostScript(host, factsScript(tools, pid), session, { sudo });
  if (result.exitCode !== 0) throw scriptError(host, t('the host could not be asked what it has'), result);
  return parseFacts(result.stdout, pid !== undefined);
}

export function parseFacts(text: string, hasTarget: boolean): HostFacts {
  const lines = text.split('\n').flatMap((line) => {
    const at = line.indexOf('=');
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()] as const];
  });
  const facts = new Map(lines);
  const number = (key: string) =>
    /^-?\d{1,9}$/.test(facts.get(key) ?? '') ? Number(facts.get(key)) : undefined;
  const bits = (key: string) =>
    /^[\da-f]{1,16}$/i.test(facts.get(key) ?? '') ? BigInt(`0x${facts.get(key)}`) : 0n;
  const capabilities = bits('capabilities');
  return {
    os: facts.get('os') ?? '',
    uid: number('uid') ?? -1,
    tools: new Map(lines.flatMap(([key, value]) => (key.startsWith('tool.') ? [[key.slice(5), value]] : []))),
    fileCapabilities: facts.get('filecap') ?? '',
    ptraceScope: number('ptrace_scope'),
    perfEventParanoid: number('perf_event_paranoid'),
    isContainer: facts.has('container'),
    has: (bit) => ((capabilities >> bit) & 1n) === 1n,
    target: hasTarget
      ? {
          exists: facts.has('target'),
          uid: number('owner'),
          program: facts.get('program') ?? '',
          // Signal n is bit n - 1.
          catchesUsr1: ((bits('caught') >> 9n) & 1n) === 1n,
        }
      : undefined,
  };
}
