import {
  CustomExecution,
  l10n,
  Task,
  type TaskDefinition,
  TaskRevealKind,
  tasks,
  TaskScope,
  workspace,
  type WorkspaceFolder,
} from 'vscode';
import { snippetsSetting } from '../../runs/editor/command/snippets';
import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';

const type = 'muster';

/** Tasks of the type `muster`: those of tasks.json, and a snippet that says where it is meant to run. */
export function taskFeature(services: Ports<'fleets' | 'runs'>): Disposables {
  const owned = new Disposables();
  owned.add(
    tasks.registerTaskProvider(type, {
      provideTasks: () =>
        snippetsSetting
          .get()
          .filter(({ selector }) => selector !== undefined)
          .map(({ name, command, selector }) =>
            musterTask({ type, selector, command }, TaskScope.Workspace, name, services),
          ),
      // VS Code knows the task by its definition, which must therefore stay as it was.
      resolveTask: ({ definition, scope, name }) =>
        musterTask(definition, scope ?? TaskScope.Workspace, name, services),
    }),
  );
  return owned;
}

function musterTask(
  definition: TaskDefinition,
  scope: WorkspaceFolder | TaskScope,
  name: string,
  services: Ports<'fleets' | 'runs'>,
): Task {
  const folder = typeof scope === 'object' ? scope : workspace.workspaceFolders?.[0];
  const execution = new CustomExecution(async (resolved) => {
    const { RunTaskTerminal } = await import('./runTaskTerminal');
    return new RunTaskTerminal(resolved, folder, services);
  });
  const task = new Task(definition, scope, name, l10n.t('Muster'), execution, '$muster');
  task.presentationOptions = { reveal: TaskRevealKind.Always, clear: true };
  return task;
}
