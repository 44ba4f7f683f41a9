/** The commands on an inventory: one bundle of its own, in which each evaluates what it needs only. */
import { carriedOut } from '../shell/cli/carriedOut';
import type { NamesOptions } from '../shell/cli/completion/names';
import { isForPeople } from '../features/checks/cli/formatNames';
import type { CheckCommandOptions } from '../features/checks/cli/check';
import type { HostsCommandOptions } from '../shell/cli/hosts/hosts';
import type { RunCommandOptions } from '../features/runs/cli/run';

export const hosts = carriedOut<HostsCommandOptions>(async (...args) =>
  (await import('../shell/cli/hosts/hosts')).listHosts(...args),
);
export const check = carriedOut<CheckCommandOptions>(
  async (...args) => (await import('../features/checks/cli/check')).checkHosts(...args),
  isForPeople,
);
export const run = carriedOut<RunCommandOptions>(async (...args) =>
  (await import('../features/runs/cli/run')).runOnHosts(...args),
);
export const names = carriedOut<NamesOptions>(async (...args) =>
  (await import('../shell/cli/completion/names')).printNames(...args),
);
