import path from 'node:path';
import { homeFolder } from '../../files/homeFolder';
import { MusterError } from '../../errors/errors';
import type { Logger } from '../../host/host';
import { SshConfig, toLog } from '../../transport/ssh/config/sshConfig';
import { readAnsible } from '../ansible/ansible';
import { FileAccess, type FileOptions } from '../fileAccess';
import { emptyFragment, type Fragment } from '../fragment';
import type { SshSettings } from '../model';
import { InventoryFiles, readSshConfig } from '../sshConfig/sshConfig';
import { type HostImport, ImportCollector } from './importedHosts';

/** The hosts of an ssh_config file with what it says about each. @throws MusterError INVENTORY */
export async function hostsOfSshConfig(
  file: string,
  logger: Logger,
  options: FileOptions = {},
): Promise<HostImport> {
  const files = new FileAccess(options);
  const fragment = await readSshConfig(file, {}, files);
  // No command of a `Match exec` is run for reading a file.
  const config = new SshConfig(toLog(logger), {
    source: new InventoryFiles(file, await files.read(file), files, emptyFragment(file)),
    mayExecute: false,
  });
  return collect(fragment, async (name) => {
    const { user, port, identityFiles, certificateFiles, proxyJump, proxyCommand } = await config.resolve(
      name,
      [file],
    );
    return {
      ...(user !== undefined && { user }),
      ...(port !== undefined && { port }),
      ...(identityFiles && identityFiles.length > 0 && { identityFile: identityFiles }),
      ...(certificateFiles && certificateFiles.length > 0 && { certificateFile: certificateFiles }),
      ...(proxyJump && { proxyJump }),
      ...(proxyCommand !== undefined && { proxyCommand }),
    };
  });
}

/** The hosts and groups of an Ansible inventory. @throws MusterError INVENTORY */
export async function hostsOfAnsible(file: string, options: FileOptions = {}): Promise<HostImport> {
  const fragment = await readAnsible(file, {}, new FileAccess(options));
  const own = new Map(fragment.hosts.map(({ name, ssh }) => [name, ssh]));
  return collect(fragment, (name) => Promise.resolve(own.get(name) ?? {}));
}

async function collect(
  fragment: Fragment,
  settingsOf: (name: string) => Promise<SshSettings>,
): Promise<HostImport> {
  const collector = new ImportCollector();
  for (const { name, address, source } of fragment.hosts) {
    const settings = await settingsOf(name).catch((error: unknown) => {
      if (!MusterError.is(error, 'INVENTORY')) throw error;
      collector.refuse(source.line, name, error.message);
    });
    if (!settings) continue;
    const { user, port, proxyJump, proxyCommand, identityFile, certificateFile } = settings;
    collector.add({
      ...{ name, address, labels: {}, line: source.line },
      ...(user !== undefined && { user }),
      ...(port !== undefined && { port }),
      ...(proxyJump && { proxyJump }),
      ...(proxyCommand !== undefined && { proxyCommand }),
      ...(identityFile && { identityFile: identityFile.map(fromHome) }),
      ...(certificateFile && { certificateFile: certificateFile.map(fromHome) }),
    });
  }
  const { hosts, groups, refused } = collector.result;
  const taken = new Set(hosts.map(({ name }) => name));
  for (const { name, names = [] } of fragment.groups) {
    const members = names.filter((member) => taken.has(member));
    if (members.length > 0) groups.set(name, members);
  }
  for (const { message, range } of fragment.problems)
    refused.push({ line: range.line, text: path.basename(range.file), reason: message });
  return collector.result;
}

function fromHome(file: string): string {
  const home = homeFolder() + path.sep;
  return file.startsWith(home) ? `~/${file.slice(home.length).split(path.sep).join('/')}` : file;
}
