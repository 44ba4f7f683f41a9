import type { Pattern } from '../../../../platform/inventory/schema/pattern';
import type { Host } from '../../../../platform/inventory/model';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import { processList } from './processList';
import type { CaptureContext, CaptureOrder } from './profiler';
import { lacking } from './requirements';

/** The process to look at, and what people should know of the choice. */
export interface ChosenProcess {
  pid: number;
  notes: string[];
}

/**
 * The process that was picked, or the busiest of those whose command line the pattern matches.
 * @throws MusterError PRECONDITION when there is none
 */
export async function chooseProcess(
  host: Host,
  pattern: Pattern | undefined,
  { pid }: Pick<CaptureOrder, 'pid'>,
  context: CaptureContext,
): Promise<ChosenProcess | undefined> {
  if (pid !== undefined) return { pid, notes: [] };
  if (!pattern) return undefined;
  const found = (await processList(host, context)).filter(({ command }) => pattern.test(command));
  const [busiest] = found;
  if (!busiest)
    throw lacking(
      host,
      t('no process has a command line that matches /{0}/', printable(pattern.source)),
      t('Check that the service runs there, and “process” (--process), which is a regular expression.'),
    );
  const { pid: chosen, command } = busiest;
  const notes =
    found.length === 1
      ? []
      : [
          t(
            '{0} processes match: the busiest was taken, {1} ({2})',
            found.length,
            chosen,
            printable(command, 60),
          ),
        ];
  return { pid: chosen, notes };
}
