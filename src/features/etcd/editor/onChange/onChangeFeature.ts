import { join } from 'node:path';
import { workspace } from 'vscode';
import { Disposables } from '../../../../shell/editor/disposables';
import type { Ports } from '../../../../shell/editor/services';
import { RuleClaims } from './ruleClaims';
import { RuleConsents } from './ruleConsents';
import { changeRules } from '../../core/rules/changeRule';
import { setContext } from '../../../../shell/editor/setContext';
import { etcdContext } from '../contextKeys';

/** The rules under `onChange`: followed in a trusted workspace; what that needs is loaded with the first rule. */
export function onChangeFeature(
  services: Ports<'context' | 'registry' | 'fleets' | 'checks' | 'runs' | 'etcd' | 'logger'>,
): Disposables {
  const { context, registry, fleets, logger } = services;
  const owned = new Disposables();
  const consents = owned.add(
    new RuleConsents(context.globalState, new RuleClaims(join(context.globalStorageUri.fsPath, 'rules'))),
  );
  const tell = () => void setContext(etcdContext.hasConsent, consents.all.length > 0);
  owned.add(consents.onDidChange(tell));
  tell();

  let loading: Promise<{ update(): void }> | undefined;
  const load = async () => {
    const { RuleFollower } = await import('./ruleFollower');
    return owned.add(new RuleFollower(services, consents));
  };
  const update = () => {
    if (!workspace.isTrusted) return;
    const hasRules = fleets.shown.some(({ inventory }) => inventory!.section(changeRules).size > 0);
    if (!hasRules && consents.all.length === 0 && !loading) return;
    loading ??= load();
    loading
      .then((follower) => follower.update())
      .catch((error: unknown) => logger.error(`onChange: ${String(error)}`));
  };
  owned.add(fleets.onDidChange(update));
  owned.add(workspace.onDidGrantWorkspaceTrust(update));
  registry.register({
    'muster.withdrawConsent': async () => {
      const { pickConsents } = await import('./pickConsents');
      await pickConsents(consents);
    },
  });
  return owned;
}
