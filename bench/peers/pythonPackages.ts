import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian's: the first on the PATH may be a script that looks for another. */
export const python = '/usr/bin/python3';

export interface PythonPackages {
  /** The packages as files of PyPI. */
  wheels: string;
  /** For PYTHONPATH: one of them and what it needs. */
  folder(name: string): string;
  /** What Python itself brings. */
  library: string;
}

/** @returns why there are none where Python cannot make an environment or the registry does not have them */
export async function fetchPythonPackages(
  directory: string,
  names: readonly string[],
): Promise<PythonPackages | { missing: string }> {
  const environment = join(directory, 'environment');
  const wheels = join(directory, 'wheels');
  const folder = (name: string) => join(directory, 'packages', name);
  const pip = (...args: string[]) => run(join(environment, 'bin/pip'), args);
  try {
    await run(python, ['-m', 'venv', environment]);
    await pip('download', '--no-cache-dir', '--dest', wheels, ...names);
    for (const name of names)
      await pip('install', '--no-index', '--find-links', wheels, '--target', folder(name), name);
    const { stdout } = await run(python, ['-c', 'import sysconfig; print(sysconfig.get_path("stdlib"))']);
    return { wheels, folder, library: stdout.trim() };
  } catch (error) {
    const why = (error as Error).message.trim().split('\n').at(-1)!;
    return { missing: `${names.join(' and ')} of PyPI (Debian: apt-get install python3-venv): ${why}` };
  }
}
