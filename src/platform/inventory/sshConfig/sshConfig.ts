import { setImmediate } from 'node:timers/promises';
import type { Matches } from '../../files/fileGlob';
import { SshConfig, type ConfigSource } from '../../transport/ssh/config/sshConfig';
import { SshConfigFile } from '../../transport/ssh/config/sshConfigFile';
import { emptyFragment, type Fragment } from '../fragment';
import { type FileAccess, refusalOf } from '../fileAccess';
import { addressProblem, nameProblem } from '../hostName';
import type { SourceRange, SshSettings } from '../model';
import { maxStretchMs } from '../steps';

/**
 * Imports the literal `Host` aliases of an ssh_config file and of what it includes. The file itself stays the source
 * of user, port, keys and jumps: the SSH layer reads it when it connects, with the same reader. No command of a
 * `Match exec` is run. What is odd in the files is a warning, and only what it concerns is left out.
 * @throws MusterError INVENTORY when the file cannot be read
 */
export async function readSshConfig(
  file: string,
  defaults: SshSettings,
  files: FileAccess,
): Promise<Fragment> {
  const fragment = emptyFragment(file);
  const warn = (message: string, range: SourceRange) =>
    fragment.problems.push({ severity: 'warning', message, range });
  const source = new InventoryFiles(file, await files.read(file), files, fragment);
  const config = new SshConfig(({ message, range }) => warn(message, range), { source, mayExecute: false });
  const ssh = { ...withoutConfigured(defaults), configFiles: [file] };
  const aliases = await config.aliases(file);
  const content = await source.load(file);
  // Said of an import, which is there for its hosts; what is included may hold anything that ssh knows.
  if (content?.otherKind && content.problems.length === 0)
    warn(content.otherKind.message, content.otherKind.range);
  let since = performance.now();
  for (const { name, range } of aliases) {
    const address = await config.hostNameOf(name, [file]);
    const fault = nameProblem(name) ?? (address === undefined ? undefined : addressProblem(address));
    if (fault !== undefined) warn(fault, range);
    if (fault === undefined && address !== undefined)
      fragment.hosts.push({ name, address, labels: {}, ssh, variables: {}, source: range });
    else fragment.unsoundHosts.push(name);
    if (performance.now() - since < maxStretchMs) continue;
    await setImmediate();
    since = performance.now();
  }
  return fragment;
}

/** What ssh_config can say is left to it: the defaults of muster.yaml would override it. */
function withoutConfigured({ connectTimeoutMs, knownHosts }: SshSettings): SshSettings {
  return { ...(connectTimeoutMs !== undefined && { connectTimeoutMs }), ...(knownHosts && { knownHosts }) };
}

/** The files as they are while the inventory is being read; the fragment learns which these are. */
export class InventoryFiles implements ConfigSource {
  private readonly contents = new Map<string, Promise<SshConfigFile | undefined>>();
  private readonly globs = new Map<string, Promise<Matches>>();

  constructor(
    file: string,
    text: string,
    private readonly files: FileAccess,
    private readonly fragment: Fragment,
  ) {
    // What it cannot be is found out when it is loaded.
    this.contents.set(
      file,
      Promise.resolve().then(() => new SshConfigFile(file, text)),
    );
  }

  load(file: string): Promise<SshConfigFile | undefined> {
    let content = this.contents.get(file);
    if (!content) {
      content = this.read(file);
      this.contents.set(file, content);
    }
    return content;
  }

  matching(pattern: string): Promise<Matches> {
    let files = this.globs.get(pattern);
    if (!files) {
      files = this.files.glob(pattern);
      this.globs.set(pattern, files);
    }
    return files;
  }

  private async read(file: string): Promise<SshConfigFile | undefined> {
    try {
      const text = await this.files.readOptional(file);
      this.fragment.files.push(file);
      return text === undefined ? undefined : new SshConfigFile(file, text);
    } catch (error) {
      if (!refusalOf(error)) this.fragment.files.push(file);
      throw error;
    }
  }
}
