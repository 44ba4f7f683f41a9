import { type LanguageModelTool, lm } from 'vscode';
import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';
import type { AgentTools, CheckInput, HostsInput, RunInput } from './agentTools';

/** The tools of package.json's `languageModelTools`; what they do is loaded when one is used. */
export function agentToolsFeature(services: Ports<'fleets' | 'checks' | 'runs'>): Disposables {
  const owned = new Disposables();
  let loaded: Promise<AgentTools> | undefined;
  const tools = () => (loaded ??= import('./agentTools').then(({ AgentTools }) => new AgentTools(services)));

  const hosts: LanguageModelTool<HostsInput> = {
    invoke: async (options) => (await tools()).hosts(options),
  };
  const check: LanguageModelTool<CheckInput> = {
    prepareInvocation: async (options) => (await tools()).prepareCheck(options),
    invoke: async (options, token) => (await tools()).check(options, token),
  };
  const run: LanguageModelTool<RunInput> = {
    prepareInvocation: async (options) => (await tools()).prepareRun(options),
    invoke: async (options, token) => (await tools()).run(options, token),
  };
  owned.add(lm.registerTool('muster_hosts', hosts));
  owned.add(lm.registerTool('muster_check', check));
  owned.add(lm.registerTool('muster_run', run));
  return owned;
}
