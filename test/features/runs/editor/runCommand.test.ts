import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { commands, ConfigurationTarget, languages, tasks, Uri, window, workspace } from 'vscode';
import type { RunReport } from '../../../../src/features/runs/core/runBatch';
import { readRunArguments, taskKeys } from '../../../../src/shell/editor/commands/runArguments';
import { until } from '../../../harness/until';
import { activeMuster, row, rowWhen } from '../../../harness/editor/muster';

const run = (given: unknown) => commands.executeCommand<RunReport | undefined>('muster.run', given);

describe('Commands on hosts', () => {
  before(async () => {
    const muster = await activeMuster();
    await commands.executeCommand('muster.startLab');
    await rowWhen(muster, ['Lab'], () => true);
  });
  after(async () => {
    const muster = await activeMuster();
    await commands.executeCommand('muster.stopLab');
    await until('a tree without the lab', () => !row(muster, 'Lab'));
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  describe('run with the arguments of a key binding', () => {
    it('are refused where they make no sense, and name what is wrong', () => {
      const cases: [unknown, RegExp][] = [
        ['uptime', /The arguments are an object/],
        [{ selectr: '@web' }, /There is no argument “selectr”/],
        [{ selector: '', command: 'uptime' }, /“selector” is text that is not empty/],
        [{ selector: '@web', command: 'uptime', script: 'x.sh' }, /either “command” or “script”/],
        [{ selector: '@web', command: 'uptime', sudo: 'yes' }, /“sudo” is true or false/],
        [{ selector: '@web', command: 'id', sudo: true, become: true }, /either “sudo” or “become”/],
        [{ selector: '@web', command: 'uptime', timeout: '5' }, /“timeout” is a number and a unit/],
        [{ selector: '@web', command: 'uptime', concurrency: 0 }, /a whole number from 1 to 10000/],
        [{ selector: '@web', command: 'uptime', confirm: false }, /There is no argument “confirm”/],
        [{ selector: '@web', command: 'uptime', confirmOver: 5 }, /There is no argument “confirmOver”/],
        [{ selector: '@web', command: 'uptime', pause: '5s' }, /“pause” is between the batches of “serial”/],
        [{ selector: '@web', command: 'uptime', serial: 1, pause: 5 }, /“pause” is a number and a unit/],
        [{ selector: '@web', command: 'uptime', retries: 101 }, /“retries” is a whole number from 0 to 100/],
        [{ selector: '@web', command: 'uptime', retries: -1 }, /“retries” is a whole number from 0 to 100/],
      ];
      for (const [given, message] of cases) assert.throws(() => readRunArguments(given), message);
    });

    it('are read as they are written in settings: lists, numbers and text', () => {
      const { choices, ...read } = readRunArguments({
        ...{ selector: ['@web', '!web-01'], script: ' deploy.sh ', serial: [1, '50%'], maxFailures: 0 },
        ...{ concurrency: 8, timeout: '2m', sudo: true, inventory: 'Lab', pause: '30s', retries: 2 },
      });
      assert.deepEqual(read, {
        ...{ selector: '@web !web-01', script: 'deploy.sh', inventory: 'Lab' },
        ...{ sudo: true, become: false, dryRun: false },
      });
      assert.deepEqual(choices, {
        ...{ concurrency: '8', timeout: '2m', serial: '1,50%', pause: '30s', maxFailures: '0', retries: '2' },
      });
      assert.equal(readRunArguments({ confirmOver: 5 }, taskKeys).confirmOver, 5);
      assert.throws(
        () => readRunArguments({ confirmOver: '5' }, taskKeys),
        /“confirmOver” is a whole number/,
      );
    });

    it('are confirmed: no dialog can be answered here, and nothing is run', async () => {
      const report = await run({ inventory: 'Lab', selector: 'web-01', command: 'echo from a key' });
      assert.equal(report, undefined);
    });

    it('not at all with arguments that make no sense: the message names the argument', async () => {
      for (const [given, message] of [
        [{ selektor: '@web' }, /There is no argument “selektor”/],
        [{ selector: '@nowhere', inventory: 'Lab', command: 'x' }, /nowhere/],
        [{ timeout: 'soon' }, /“timeout”/],
      ] as const) {
        const before = window.activeTextEditor;
        await run(given).then(
          (report) => assert.equal(report, undefined),
          (error: Error) => assert.match(error.message, message),
        );
        assert.equal(window.activeTextEditor, before);
      }
    });

    it('dry: the plan is shown and nothing is run', async () => {
      const report = await run({
        ...{ inventory: 'Lab', selector: '@web', command: 'rm -rf /', serial: '1', dryRun: true },
        ...{ pause: '30s', retries: 3 },
      });
      assert.equal(report, undefined);
      const text = window.activeTextEditor!.document.getText();
      assert.match(text, /# Command {3}rm -rf \//);
      assert.match(text, /# Batches {3}6: 1, 1, 1, 1, 1, 1/);
      assert.match(text, /# Pause {5}30000 ms between batches/);
      assert.match(text, /# Retries {3}3 where a host is not reached/);
      assert.match(text, /# Protected web-\[02-06\]/);
    });
  });

  describe('as tasks', () => {
    const execute = async (name: string) => {
      const found = (await tasks.fetchTasks({ type: 'muster' })).find((task) => task.name === name);
      assert.ok(found, `the task ${name}`);
      const ended = new Promise<number | undefined>((resolve) => {
        const waiting = tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
          if (execution.task.name !== name) return;
          waiting.dispose();
          resolve(exitCode);
        });
      });
      await tasks.executeTask(found);
      return ended;
    };

    it('end with 0 where the command ended well on every host', async () => {
      assert.equal(await execute('release'), 0);
    });

    it('end with 1 where it did not, and report the host as a problem where the inventory lists it', async () => {
      assert.equal(await execute('failing'), 1);
      const problems = await until('a problem', () => {
        const found = languages
          .getDiagnostics()
          .flatMap(([uri, all]) =>
            all.map(({ message, range }) => ({ path: uri.path, message, line: range.start.line })),
          );
        return found.find(({ message }) => message.includes('web-01: EXIT_STATUS'));
      });
      assert.match(problems.path, /muster\.yaml$/);
      assert.ok(problems.line > 0);
    });

    it('are asked about on more hosts than confirmOver: no dialog can be answered here, so nothing is run', async () => {
      assert.equal(await execute('few enough'), 0);
      assert.equal(await execute('too many'), 2);
    });

    it('run a script with the interpreter of its first line', async () => {
      const [folder] = workspace.workspaceFolders!;
      const script = Uri.joinPath(folder!.uri, 'count.awk');
      // Nothing but awk takes this for a program that ends well.
      await workspace.fs.writeFile(
        script,
        Buffer.from('#!/usr/bin/awk -f\nBEGIN { exit 6 * 7 == 42 ? 0 : 1 }\n'),
      );
      assert.equal(await execute('script'), 0);
    });

    it('end when they are cancelled', async () => {
      const found = (await tasks.fetchTasks({ type: 'muster' })).find(({ name }) => name === 'waiting');
      // VS Code hands out an execution before its task has begun, and cannot end that yet.
      const begun = new Promise<void>((resolve) => {
        const waiting = tasks.onDidStartTaskProcess(({ execution }) => {
          if (execution.task.name !== 'waiting') return;
          waiting.dispose();
          resolve();
        });
      });
      const execution = await tasks.executeTask(found!);
      await begun;
      execution.terminate();
      await until('no task', () => !tasks.taskExecutions.some(({ task }) => task.name === 'waiting'));
    });

    it('are offered for snippets that say where they are meant to run', async () => {
      const settings = workspace.getConfiguration('muster');
      const snippets = [
        { name: 'uptime of web', command: 'uptime', selector: '@web' },
        { name: 'anywhere', command: 'date' },
      ];
      await settings.update('snippets', snippets, ConfigurationTarget.Global);
      try {
        const names = (await tasks.fetchTasks({ type: 'muster' })).map(({ name }) => name);
        assert.ok(names.includes('uptime of web'));
        assert.ok(!names.includes('anywhere'));
      } finally {
        await settings.update('snippets', undefined, ConfigurationTarget.Global);
      }
    });
  });
});
