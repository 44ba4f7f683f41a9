import { basename } from 'node:path/posix';
import { l10n, type QuickPickItem } from 'vscode';
import { Deadline } from '../../../../platform/batch/deadline';
import { errorReport } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { sizeText } from '../../../../platform/text/sizeText';
import { printable } from '../../../../platform/text/printable';
import { type HostProcess, processList } from '../../core/capture/processList';
import { type back, quickPickStep, type StepPlace } from '../../../../shell/editor/commands/quickPickStep';
import type { Fleet } from '../../../../shell/editor/fleets/fleet';

/** A process of the only host, or what its command line is like on several. */
export interface ProcessChoice {
  pid?: number;
  /** Regular expression (RE2). */
  pattern?: string;
  /** What to call it. */
  name?: string;
}

interface ProcessItem extends QuickPickItem {
  choice?: ProcessChoice;
}

/** Milliseconds for logging in and looking. */
const limitMs = 30_000;

/** Asks for one of the processes of the first host, with their CPU and memory. */
export async function pickProcess(
  title: string,
  place: StepPlace,
  { fleet, hosts, isOptional }: { fleet: Fleet; hosts: readonly Host[]; isOptional: boolean },
): Promise<ProcessChoice | typeof back | undefined> {
  const [first] = hosts;
  const leaving = new AbortController();
  const whole: ProcessItem[] = isOptional
    ? [{ label: `$(server) ${l10n.t('The whole host')}`, choice: {} }]
    : [];
  try {
    return await quickPickStep<ProcessItem, ProcessChoice>(title, place, ({ picker, answer }) => {
      picker.placeholder =
        hosts.length === 1
          ? l10n.t('A process of {0}, the busiest first', first!.name)
          : l10n.t('A process as on {0}; on the others the one with the same command line', first!.name);
      picker.matchOnDescription = picker.matchOnDetail = true;
      picker.busy = true;
      picker.items = whole;
      picker.onDidAccept(() => {
        const choice = picker.selectedItems[0]?.choice;
        if (choice) answer(choice);
      });
      listed(fleet, first!, leaving.signal)
        .then(
          (processes) => {
            picker.items = [...whole, ...processes.map((process) => itemOf(process, hosts.length === 1))];
          },
          (error: unknown) => {
            const { message, hint } = errorReport(error);
            picker.items = [
              ...whole,
              { label: `$(error) ${printable(message, 200)}`, detail: hint, alwaysShow: true },
            ];
          },
        )
        .finally(() => (picker.busy = false));
    });
  } finally {
    leaving.abort();
  }
}

async function listed(fleet: Fleet, host: Host, signal: AbortSignal): Promise<HostProcess[]> {
  const deadline = new Deadline(limitMs, signal);
  try {
    return await fleet.use((core) => processList(host, { transport: core.transport, deadline }));
  } finally {
    deadline.dispose();
  }
}

function itemOf({ pid, user, cpu, memory, command }: HostProcess, isOnly: boolean): ProcessItem {
  const name = basename(command.split(' ', 1)[0]!);
  const use = [
    `${pid}`,
    user,
    ...(cpu === undefined ? [] : [l10n.t('{0}% CPU', cpu.toFixed(0))]),
    ...(memory === undefined ? [] : [sizeText(memory)]),
  ];
  return {
    ...{ label: printable(name, 60), description: use.join(' · '), detail: printable(command, 300) },
    choice: {
      ...(isOnly ? { pid } : { pattern: `^${command.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$` }),
      name: printable(name, 60),
    },
  };
}
