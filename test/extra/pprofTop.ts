import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { hotFunctions } from '../../src/features/profiles/core/analysis/hotFunctions';
import { labelText, labelWeights } from '../../src/features/profiles/core/analysis/labelWeights';
import type { Profile } from '../../src/features/profiles/core/model/profile';

const run = promisify(execFile);

/** `name flat cum` of every function as `go tool pprof -top` has them, sorted. */
export async function pprofTop(
  file: string,
  valueType: string,
  unit: string,
  ...more: string[]
): Promise<string[]> {
  const flags = ['-top', `-sample_index=${valueType}`, `-unit=${unit}`, '-nodecount=0', '-nodefraction=0'];
  const args = ['tool', 'pprof', ...flags, ...more, file];
  const { stdout } = await run('go', args, { maxBuffer: 64 * 1024 * 1024 });
  const [, rows] = stdout.split(/ +flat +flat%.*\n/);
  return rows!
    .trimEnd()
    .split('\n')
    .map((row) => /^ *(\S+) +\S+ +\S+ +(\S+) +\S+ {2}(.*?)(?: \(.*inline\))?$/.exec(row)!)
    .map(([, flat, cum, name]) => `${name} ${parseFloat(flat!)} ${parseFloat(cum!)}`)
    .sort();
}

/** The same as Muster has them. */
export function topOf(profile: Profile, valueType: string): string[] {
  const index = profile.valueTypes.findIndex(({ name }) => name === valueType);
  return hotFunctions(profile, index)
    .functions.filter(({ total }) => total !== 0)
    .map(({ name, self, total }) => `${name} ${self} ${total}`)
    .sort();
}

/** `key=value weight` of every label as `go tool pprof -tags` has them, sorted. */
export async function pprofTags(file: string, valueType: string, unit: string): Promise<string[]> {
  const flags = ['-tags', `-sample_index=${valueType}`, `-unit=${unit}`];
  const { stdout } = await run('go', ['tool', 'pprof', ...flags, file]);
  let key = '';
  return stdout
    .split('\n')
    .flatMap((line) => {
      key = /^ *(\S+): +Total /.exec(line)?.[1] ?? key;
      const [, weight, value] = /^ +([\d.]+)\S* \(.*?\): +(\S+)$/.exec(line) ?? [];
      return value === undefined ? [] : [`${key}=${value} ${parseFloat(weight!)}`];
    })
    .sort();
}

/** The same as Muster has them. */
export function tagsOf(profile: Profile, valueType: string): string[] {
  const index = profile.valueTypes.findIndex(({ name }) => name === valueType);
  return labelWeights(profile, index)
    .flatMap(({ key, values }) => values.map((one) => `${key}=${labelText(key, one)} ${one.weight}`))
    .sort();
}
