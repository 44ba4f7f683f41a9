import { t } from '../../l10n/l10n';
import { addressProblem, nameProblem } from '../hostName';
import { expandHostPattern } from '../selection/hostSet';
import { isHostPattern } from '../selection/namePattern';
import { hostSchema } from '../schema/schema';

/** A host as a list, a table or another tool's file describes it. */
export interface ImportedHost {
  /** A name, or a range of names such as `web-[01:20]`. */
  name: string;
  address?: string;
  user?: string;
  port?: number;
  proxyJump?: readonly string[];
  proxyCommand?: string;
  identityFile?: readonly string[];
  certificateFile?: readonly string[];
  labels: Readonly<Record<string, string>>;
  /** Where it stands in what is imported, counted from 1. */
  line: number;
}

/** What could not be imported, and why. */
export interface RefusedLine {
  line: number;
  text: string;
  reason: string;
}

/** What a source comes to: nothing of it is lost silently. */
export interface HostImport {
  hosts: ImportedHost[];
  /** Names of hosts by group. */
  groups: Map<string, string[]>;
  refused: RefusedLine[];
}

export function emptyImport(): HostImport {
  return { hosts: [], groups: new Map(), refused: [] };
}

/** What was read of a file. One that names no host may be of another kind: nothing of it is kept. */
export function readOfFile(read: HostImport): HostImport {
  if (read.hosts.length > 0 || read.refused.length === 0) return read;
  return { ...read, refused: [{ line: 1, text: '', reason: t('no line of it names a host') }] };
}

/** More hosts than this are refused: it is not a list of hosts. */
export const maxImportedHosts = 20_000;

/** Collects hosts, each name once; what is unsound is refused with its reason. */
export class ImportCollector {
  readonly result = emptyImport();
  private readonly lines = new Map<string, number>();

  refuse(line: number, text: string, reason: string): void {
    this.result.refused.push({ line, text, reason });
  }

  /** Tells whether the host was taken; `text` is what to show if it was not. */
  add(host: ImportedHost, groups: readonly string[] = [], text = host.name): boolean {
    const fault = this.faultOf(host) ?? groups.map(nameProblem).find((problem) => problem !== undefined);
    if (fault !== undefined) {
      this.refuse(host.line, text, fault);
      return false;
    }
    for (const name of namesOf(host.name)) this.lines.set(name, host.line);
    this.result.hosts.push(host);
    for (const group of groups) {
      const members = this.result.groups.get(group);
      if (members) members.push(host.name);
      else this.result.groups.set(group, [host.name]);
    }
    return true;
  }

  private faultOf(host: ImportedHost): string | undefined {
    const { name, address } = host;
    if (this.result.hosts.length >= maxImportedHosts) return t('more than {0} hosts', maxImportedHosts);
    let names: string[];
    try {
      if (/[*?]/.test(name)) return t('“{0}” is a glob: hosts are named, or listed by a range', name);
      names = namesOf(name);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const twice = names.find((one) => this.lines.has(one));
    if (twice !== undefined) return t('“{0}” is in line {1} already', twice, this.lines.get(twice));
    const unsound = names.map(nameProblem).find((problem) => problem !== undefined);
    if (unsound !== undefined) return unsound;
    const badAddress = (address === undefined ? names : [address])
      .map(addressProblem)
      .find((problem) => problem !== undefined);
    if (badAddress !== undefined) return badAddress;
    const checked = hostSchema.safeParse(hostValue(host));
    return checked.success ? undefined : (checked.error.issues[0]?.message ?? t('it is not a valid host'));
  }
}

/** @throws RangeError for a range that cannot be read */
export function namesOf(name: string): string[] {
  return isHostPattern(name) ? expandHostPattern(name) : [name];
}

/** The host as it is written under `hosts`; null when its name says all. */
export function hostValue(host: ImportedHost): Record<string, unknown> | null {
  const { name, address, user, port, proxyJump, proxyCommand, labels } = host;
  const { identityFile = [], certificateFile = [] } = host;
  const one = (values: readonly string[]) => (values.length === 1 ? values[0] : values);
  const ssh = {
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port }),
    ...(identityFile.length > 0 && { identityFile: one(identityFile) }),
    ...(certificateFile.length > 0 && { certificateFile: one(certificateFile) }),
    ...(proxyJump && { proxyJump: proxyJump.length === 0 ? 'none' : one(proxyJump) }),
    ...(proxyCommand !== undefined && { proxyCommand }),
  };
  const value = {
    ...(address !== undefined && address !== name && { address }),
    ...(Object.keys(labels).length > 0 && { labels: { ...labels } }),
    ...(Object.keys(ssh).length > 0 && { ssh }),
  };
  return Object.keys(value).length > 0 ? value : null;
}
