import { MusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { t } from '../../../../platform/l10n/l10n';
import { capability, type HostFacts } from './hostFacts';

/** The host lacks something, and how to come by it. */
export function lacking(host: Host, message: string, hint: string): MusterError {
  return new MusterError('PRECONDITION', message, { host: host.name, phase: 'run', hint });
}

/** The path of a tool. @throws MusterError PRECONDITION when it is not there */
export function requireTool(host: Host, { tools }: HostFacts, name: string, howToInstall: string): string {
  const path = tools.get(name);
  if (path !== undefined) return path;
  throw lacking(
    host,
    t('{0} is not on the host', name),
    t(
      '{0} Muster installs nothing by itself; where it is in an unusual folder, name it with “path”.',
      howToInstall,
    ),
  );
}

/** @throws MusterError PRECONDITION when the process has ended */
export function requireTarget(host: Host, { target }: HostFacts, pid: number): void {
  if (target?.exists) return;
  throw lacking(
    host,
    t('there is no process {0}', pid),
    t('It may have ended or been restarted: choose again.'),
  );
}

/** @throws MusterError PRECONDITION when the kernel will not let `tool` read another process */
export function requirePtrace(host: Host, facts: HostFacts, tool: string): void {
  const { ptraceScope = 0, uid, target, isContainer } = facts;
  if (facts.os !== 'Linux' || facts.fileCapabilities.includes('cap_sys_ptrace')) return;
  if (ptraceScope >= 3)
    throw lacking(
      host,
      t('kernel.yama.ptrace_scope is 3: no process may read another, not even as root'),
      t('Only a reboot with a smaller kernel.yama.ptrace_scope changes that.'),
    );
  if (facts.has(capability.sysPtrace)) return;
  if (uid === 0 && isContainer && (ptraceScope > 0 || target?.uid !== 0))
    throw lacking(
      host,
      t('root of this container may not read other processes: it lacks CAP_SYS_PTRACE'),
      t('Start the container with --cap-add SYS_PTRACE (Kubernetes: securityContext.capabilities.add).'),
    );
  if (target?.uid !== undefined && target.uid !== uid)
    throw lacking(
      host,
      t(
        'the process belongs to another user (uid {0}), which {1} may not read as uid {2}',
        target.uid,
        tool,
        uid,
      ),
      t('Set sudo: true (--sudo), or log in as that user.'),
    );
  if (ptraceScope > 0)
    throw lacking(
      host,
      t('kernel.yama.ptrace_scope is {0}: only root may read other processes', ptraceScope),
      t(
        'Set sudo: true (--sudo), give the tool the right (setcap cap_sys_ptrace=eip $(command -v {0})), or run sysctl kernel.yama.ptrace_scope=0.',
        tool,
      ),
    );
}

/** @throws MusterError PRECONDITION when the kernel will not let perf record */
export function requirePerfEvents(host: Host, facts: HostFacts): void {
  const { perfEventParanoid, target, uid } = facts;
  if (facts.os !== 'Linux')
    throw lacking(
      host,
      t('perf is a tool of Linux, and this is {0}', facts.os),
      t('Choose another profiler.'),
    );
  if (perfEventParanoid === undefined)
    throw lacking(
      host,
      t('the kernel offers no performance events'),
      t('It was built without them, or /proc/sys is hidden, as in some containers.'),
    );
  if (facts.has(capability.sysAdmin) || facts.has(capability.perfmon)) return;
  if (/cap_(perfmon|sys_admin)/.test(facts.fileCapabilities)) return;
  const how = t(
    'Set sudo: true (--sudo), run sysctl kernel.perf_event_paranoid=1 or less, or give perf the right (setcap cap_perfmon,cap_sys_ptrace=ep $(command -v perf)).',
  );
  if (perfEventParanoid > 2)
    throw lacking(host, t('kernel.perf_event_paranoid is {0}: only root may record', perfEventParanoid), how);
  if (!target && perfEventParanoid > 0)
    throw lacking(
      host,
      t('kernel.perf_event_paranoid is {0}: only root may record all processes', perfEventParanoid),
      t('Choose a process of your own. {0}', how),
    );
  if (target?.uid !== undefined && target.uid !== uid)
    throw lacking(
      host,
      t(
        'the process belongs to another user (uid {0}), which perf may not record as uid {1}',
        target.uid,
        uid,
      ),
      t('Set sudo: true (--sudo), or log in as that user.'),
    );
}
