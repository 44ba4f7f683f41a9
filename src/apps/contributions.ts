import { agentsContribution } from '../features/agents/editor/contributions';
import { checksContribution } from '../features/checks/editor/contributions';
import { driftContribution } from '../features/drift/editor/contributions';
import { copyContribution } from '../features/copy/editor/contributions';
import { etcdContribution } from '../features/etcd/editor/contributions';
import { filesContribution } from '../features/files/editor/contributions';
import { forwardsContribution } from '../features/forwards/editor/contributions';
import { httpContribution } from '../features/http/editor/contributions';
import { inventoryEditingContribution } from '../features/inventoryEditing/editor/contributions';
import { labContribution } from '../features/lab/editor/contributions';
import { logsContribution } from '../features/logs/editor/contributions';
import { metricsContribution } from '../features/metrics/editor/contributions';
import { profilesContribution } from '../features/profiles/editor/contributions';
import { runsContribution } from '../features/runs/editor/contributions';
import { tasksContribution } from '../features/tasks/editor/contributions';
import { terminalsContribution } from '../features/terminals/editor/contributions';
import { shellContribution } from '../shell/editor/contributions';
import type { Contribution } from '../shell/editor/manifest/contribution';
import { contributesOf } from '../shell/editor/manifest/contributesOf';

/** In the order of the views and of the steps of the walkthrough. */
export const contributions: readonly Contribution[] = [
  shellContribution,
  labContribution,
  inventoryEditingContribution,
  etcdContribution,
  runsContribution,
  checksContribution,
  profilesContribution,
  logsContribution,
  metricsContribution,
  terminalsContribution,
  filesContribution,
  driftContribution,
  copyContribution,
  httpContribution,
  forwardsContribution,
  tasksContribution,
  agentsContribution,
];

/** Features share groups of settings; this is the order of the settings editor. */
const settingGroups = ['inventory', 'checks', 'runs', 'profiles', 'hosts', 'logs'];

/** The `contributes` of package.json. */
export const contributes = contributesOf(contributions, settingGroups);
