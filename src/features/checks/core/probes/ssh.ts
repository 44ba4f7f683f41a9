import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { conclude } from '../expectation';
import type { Probe } from '../probe';
import { ProbeMeasurements } from '../probeMeasurements';
import { exitText, remoteExec } from '../../../../platform/transport/remoteExec';

const settings = z.strictObject({});

export const ssh: Probe<z.output<typeof settings>> = {
  type: 'ssh',
  description: 'Opens a verified SSH session and runs `true`, which must exit 0.',
  settings,
  async run(host, _, context) {
    if (host.transport === 'local') throw withoutSsh(host.name);
    const measured = new ProbeMeasurements();
    const result = await remoteExec(host, 'true', { ...context, become: undefined });
    const total = measured.total();
    return conclude(
      result.exitCode === 0
        ? []
        : [{ status: 'unhealthy', expected: t('exit code 0 of `true`'), actual: exitText(result) }],
      t('session opened in {0} ms', Math.round(total)),
      measured.found,
    );
  },
};

function withoutSsh(host: string): MusterError {
  return new MusterError('INVENTORY', t('the host is reached without SSH: it has “transport: local”'), {
    ...{ host, phase: 'inventory' },
    hint: t('Leave it out of the check with “on”, or reach it over SSH.'),
  });
}
