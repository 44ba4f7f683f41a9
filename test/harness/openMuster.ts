import { inject } from 'vitest';
import { installVscode } from './vscodeInstallation';
import { startVscodeServer, type VscodeServerOptions } from './vscodeServer';
import { Workbench } from './workbench';

/** VS Code on `folder` with the packaged Muster installed. */
export async function openMuster(
  folder: string,
  { locale, ...options }: Omit<VscodeServerOptions, 'extensions' | 'development'> & { locale?: string } = {},
): Promise<Workbench> {
  const installation = await installVscode(inject('vscodeVersion'));
  const server = await startVscodeServer(installation, { ...options, extensions: [inject('extension')] });
  const workbench = await Workbench.open(server, folder, locale);
  try {
    await workbench.activityBarItem('Muster').waitFor();
    await workbench.settled();
    return workbench;
  } catch (error) {
    await workbench[Symbol.asyncDispose]();
    throw error;
  }
}
