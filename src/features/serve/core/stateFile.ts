import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { toMusterError } from '../../../platform/errors/errors';
import { makeFolder } from '../../../platform/files/makeFolder';
import { privateMode, writePrivateFile } from '../../../platform/files/privateFile';
import { readRegularText } from '../../../platform/files/regularFile';
import type { Logger } from '../../../platform/host/host';
import { t } from '../../../platform/l10n/l10n';
import { checkStatuses } from '../../checks/core/probe';
import { type CheckState, type KeptState, stateKey } from './checkStates';

/** Bytes: 100,000 checks take some 40 MB. */
const largestState = 128 * 1024 ** 2;
const mostMessage = 500;

const time = z.number().min(0).max(8.64e15);
const count = z.int().min(0).max(1_000_000_000);
const keptSchema = z.object({
  host: z.string().max(1_000),
  check: z.string().max(1_000),
  status: z.enum(checkStatuses),
  judged: z.enum(checkStatuses).optional(),
  message: z.string().max(mostMessage),
  latencyMs: z.number().min(0),
  turning: z.object({ to: z.enum(checkStatuses), count, of: count }).optional(),
  lastAt: time,
  since: time.optional(),
});
const stateSchema = z.object({
  version: z.literal(1),
  inventory: z.string(),
  checks: z.array(keptSchema).max(1_000_000),
  /** By cluster and rule: the last revision that the rule has dealt with. */
  rules: z
    .record(z.string(), z.object({ revision: z.int().min(0), underWay: z.boolean().optional() }))
    .default({}),
});
type Written = z.output<typeof stateSchema>;

/** What is remembered over restarts. */
export interface Remembered {
  readonly checks: ReadonlyMap<string, KeptState>;
  readonly rules: Written['rules'];
}

const nothing = (): Remembered => ({ checks: new Map(), rules: {} });

/** The file in which a service remembers what it knew; whole or as it was before, for its owner only. */
export class StateFile {
  constructor(
    readonly path: string,
    private readonly inventory: string,
    private readonly logger: Logger,
  ) {}

  /** What it says; nothing where there is none. One that makes no sense is set aside, and that is said. */
  async read(): Promise<Remembered> {
    let text: string;
    try {
      text = await readRegularText(this.path, largestState);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothing();
      return this.setAside(toMusterError(error).message);
    }
    let written: Written;
    try {
      written = stateSchema.parse(JSON.parse(text));
    } catch {
      return this.setAside(t('its content is not valid'));
    }
    // Another inventory may have other hosts of the same names.
    if (written.inventory !== this.inventory)
      return this.setAside(t('it belongs to the inventory {0}', written.inventory));
    return {
      checks: new Map(written.checks.map((one) => [stateKey(one.host, one.check), keptOf(one)])),
      rules: written.rules,
    };
  }

  /** @throws Error of the file system */
  async write(states: Iterable<CheckState>, rules: Written['rules']): Promise<void> {
    await makeFolder(dirname(this.path), privateMode.folder);
    const checks = [...states].flatMap((state) => writtenOf(state) ?? []);
    const content: Written = { version: 1, inventory: this.inventory, checks, rules };
    await writePrivateFile(this.path, `${JSON.stringify(content)}\n`);
  }

  private async setAside(why: string): Promise<Remembered> {
    const aside = `${this.path}.unreadable`;
    const isMoved = await rename(this.path, aside).then(
      () => true,
      () => false,
    );
    this.logger.warn(
      isMoved
        ? t('saved states are lost, {0} is set aside as {1}: {2}', this.path, aside, why)
        : t('saved states are lost, {0} cannot be read: {1}', this.path, why),
    );
    return nothing();
  }
}

function writtenOf({ result, judged, lastAt, since }: CheckState): Written['checks'][number] | undefined {
  if (!result || lastAt === undefined) return undefined;
  const { host, check, status, message, latencyMs, turning } = result;
  return {
    host,
    check,
    status,
    judged,
    message: message.slice(0, mostMessage),
    latencyMs,
    turning,
    lastAt,
    since,
  };
}

function keptOf({ lastAt, since, judged, ...result }: Written['checks'][number]): KeptState {
  return { result: { ...result, traceId: '', measurements: [] }, lastAt, since, judged };
}
