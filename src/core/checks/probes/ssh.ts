import { z } from 'zod';
import { t } from '../../l10n';
import { elapsedMs } from '../elapsedMs';
import { conclude } from '../expectation';
import type { Probe } from '../probe';
import { exitText, remoteExec } from '../remoteExec';

const settings = z.strictObject({});

export const ssh: Probe<z.output<typeof settings>> = {
  type: 'ssh',
  description: 'Opens a verified SSH session and runs `true`, which must exit 0.',
  settings,
  async run(host, _, context) {
    const startedAt = performance.now();
    const result = await remoteExec(host, 'true', context);
    const total = elapsedMs(startedAt);
    return conclude(
      result.exitCode === 0
        ? []
        : [{ status: 'unhealthy', expected: t('exit code 0 of `true`'), actual: exitText(result) }],
      t('session opened in {0} ms', Math.round(total)),
      { phases: { total } },
    );
  },
};
