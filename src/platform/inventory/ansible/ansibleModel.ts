import { split } from 'shlex';
import { t } from '../../l10n/l10n';
import type { Fragment, HostDraft } from '../fragment';
import { expandHostPattern } from '../selection/hostSet';
import { addressProblem, nameProblem } from '../hostName';
import type { Problem, SourceRange, SshSettings } from '../model';
import { mergeSsh, withResolvedPaths } from '../sshConfig/sshDefaults';

type Variables = Record<string, unknown>;

interface AnsibleHost {
  name: string;
  source: SourceRange;
  variables: Variables;
  /** From `host_vars`; stronger than those of the inventory file. */
  fileVariables: Variables;
}

interface AnsibleGroup {
  name: string;
  /** Where it is defined, else where it is first named. */
  source: SourceRange;
  defined?: boolean;
  hosts: Set<string>;
  children: Set<string>;
  variables: Variables;
  /** From `group_vars`; stronger than those of the inventory file. */
  fileVariables: Variables;
}

/** An Ansible inventory as its rules see it, whichever format it was written in. */
export class AnsibleModel {
  readonly hosts = new Map<string, AnsibleHost>();
  readonly groups = new Map<string, AnsibleGroup>();

  /** What is said of problems once it is known that the file is Ansible's. */
  private readonly withContent: [problem: Problem, message: string][] = [];

  constructor(private readonly problems: Problem[]) {}

  /** @param plain what is said instead while the file may be of another kind: nothing of what is in it */
  report(
    message: string,
    range: SourceRange,
    severity: Problem['severity'] = 'error',
    plain = message,
  ): void {
    const problem: Problem = { severity, message: plain, range };
    this.problems.push(problem);
    if (plain !== message) this.withContent.push([problem, message]);
  }

  /** The file is Ansible's: its problems quote it from now on. */
  recognise(): void {
    for (const [problem, message] of this.withContent) problem.message = message;
  }

  group(
    name: string,
    source: SourceRange = { file: '', line: 1, column: 1, endLine: 1, endColumn: 1 },
  ): AnsibleGroup {
    let group = this.groups.get(name);
    if (!group) {
      group = { name, source, hosts: new Set(), children: new Set(), variables: {}, fileVariables: {} };
      this.groups.set(name, group);
    }
    return group;
  }

  define(name: string, source: SourceRange): void {
    const group = this.group(name, source);
    if (!group.defined) Object.assign(group, { source, defined: true });
  }

  /** Adds what a host pattern (`web-[01:20]`, `db-1:2222`) stands for to `group`; a host named again is the same host. */
  addHosts(
    pattern: string,
    source: SourceRange,
    variables: Variables,
    group: AnsibleGroup | undefined,
  ): void {
    const [, names = pattern, port] = /^([^:]*(?:\[[^\]]*\][^:]*)*):(\d+)$/.exec(pattern) ?? [];
    try {
      for (const name of expandHostPattern(names)) {
        const fault = nameProblem(name);
        if (fault !== undefined)
          return this.report(fault, source, 'error', t('the name of a host is expected here'));
        let host = this.hosts.get(name);
        if (!host) this.hosts.set(name, (host = { name, source, variables: {}, fileVariables: {} }));
        Object.assign(host.variables, port !== undefined && { ansible_port: Number(port) }, variables);
        group?.hosts.add(name);
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.report(message, source, 'error', t('the name of a host is expected here'));
    }
  }

  /** The hosts and groups of the model. */
  drafts(defaults: SshSettings, file: string): Pick<Fragment, 'hosts' | 'groups' | 'unsoundHosts'> {
    this.dropCycles();
    const effective = this.effectiveVariables();
    const unsoundHosts: string[] = [];
    const hosts = [...this.hosts.values()].flatMap((host): HostDraft[] => {
      const { address, own, variables, fault } = connectionOf(host.name, effective(host));
      if (fault === undefined) {
        const ssh = mergeSsh(host.name, defaults, withResolvedPaths(own, file));
        return [{ name: host.name, address, labels: {}, ssh, variables, source: host.source }];
      }
      this.report(`${host.name}: ${fault}`, host.source, 'warning', t('the name of a host is expected here'));
      unsoundHosts.push(host.name);
      return [];
    });
    const groups = [...this.groups.values()].flatMap((group) => {
      if (group.name === 'all') return [];
      const fault = nameProblem(group.name);
      if (fault !== undefined)
        this.report(fault, group.source, 'error', t('the name of a group is expected here'));
      const names = fault === undefined ? this.membersOf(group) : undefined;
      return names
        ? [{ name: group.name, source: group.source, hosts: [], select: [], children: [], names }]
        : [];
    });
    return { hosts, groups, unsoundHosts };
  }

  /** Cuts a `children` that leads back to the group itself. */
  private dropCycles(): void {
    const done = new Set<AnsibleGroup>();
    const walk = (group: AnsibleGroup, above: readonly AnsibleGroup[]): void => {
      if (done.has(group)) return;
      const path = [...above, group];
      for (const name of group.children) {
        const child = this.groups.get(name);
        const start = child ? path.indexOf(child) : -1;
        if (start >= 0) {
          group.children.delete(name);
          const cycle = [...path.slice(start).map((member) => member.name), name].join(' → ');
          this.report(t('cyclic groups: {0}', cycle), group.source);
        } else if (child) walk(child, path);
      }
      done.add(group);
    };
    for (const group of this.groups.values()) walk(group, []);
  }

  private membersOf(
    group: AnsibleGroup,
    found = new Set<string>(),
    seen = new Set<AnsibleGroup>(),
  ): string[] {
    if (!seen.has(group)) {
      seen.add(group);
      for (const name of group.hosts) found.add(name);
      for (const name of group.children) {
        const child = this.groups.get(name);
        if (child) this.membersOf(child, found, seen);
      }
    }
    return [...found];
  }

  /**
   * Ansible's precedence: `all`, then groups from parents to children, those of one depth by name, then the host;
   * at each step the inventory file first, then the files beside it.
   */
  private effectiveVariables(): (host: AnsibleHost) => Variables {
    const depths = this.depths();
    const ordered = [...this.groups.values()]
      .filter(({ name }) => name !== 'all')
      .sort((a, b) => depths.get(a)! - depths.get(b)! || (a.name < b.name ? -1 : 1));
    const groupsOf = new Map<string, AnsibleGroup[]>();
    for (const group of ordered) {
      for (const name of this.membersOf(group)) {
        const groups = groupsOf.get(name);
        if (groups) groups.push(group);
        else groupsOf.set(name, [group]);
      }
    }
    const all = this.groups.get('all');
    return (host) => {
      const layers = [...(all ? [all] : []), ...(groupsOf.get(host.name) ?? [])];
      return Object.assign(
        {},
        ...layers.map(({ variables }) => variables),
        ...layers.map(({ fileVariables }) => fileVariables),
        host.variables,
        host.fileVariables,
      ) as Variables;
    };
  }

  private depths(): Map<AnsibleGroup, number> {
    const depths = new Map<AnsibleGroup, number>([...this.groups.values()].map((group) => [group, 0]));
    // Without cycles the longest path is shorter than the number of groups.
    for (let round = 0, changed = true; changed && round < this.groups.size; round++) {
      changed = false;
      for (const [group, depth] of depths) {
        for (const name of group.children) {
          const child = this.groups.get(name);
          if (!child || depths.get(child)! > depth) continue;
          depths.set(child, depth + 1);
          changed = true;
        }
      }
    }
    return depths;
  }
}

/** Never shown, so never kept. */
const secretVariable = /pass(word|phrase)?$|secret|token/i;

/** Ansible's connection variables as ours; what is not about the connection stays a variable. */
function connectionOf(name: string, all: Variables) {
  const own: SshSettings = {};
  const variables: Variables = {};
  let address = name;
  const faults: string[] = [];
  const evaluate = jinjaOf(name, all);
  const readers: Record<string, (text: string) => void> = {
    host: (text) => (address = text),
    port: (text) => {
      own.port = Number(text);
      if (!/^\d+$/.test(text) || own.port < 1 || own.port > 65535)
        faults.push(t('ansible_port: “{0}” is not a port', text));
    },
    user: (text) => (own.user = text),
    private_key_file: (text) => (own.identityFile = [text]),
    common_args: (text) => readSshArguments(text, own, faults),
    extra_args: (text) => readSshArguments(text, own, faults),
  };
  for (const [key, value] of Object.entries(all)) {
    const reader = readers[/^ansible_(?:ssh_)?(\w+)$/.exec(key)?.[1] ?? ''];
    if (!reader) {
      if (!secretVariable.test(key)) variables[key] = value;
    } else if (typeof value === 'string' || typeof value === 'number') {
      const text = evaluate(String(value));
      if (text === undefined) faults.push(t('{0} is a Jinja template, which only Ansible can evaluate', key));
      else reader(text);
    }
  }
  const fault = faults[0] ?? addressProblem(address);
  return { address, own, variables, fault };
}

/**
 * Evaluates templates that are made of plain variables of a host (`{{ inventory_hostname }}.example.com`); all else,
 * filters and lookups among them, is undefined here.
 */
function jinjaOf(name: string, all: Variables): (text: string) => string | undefined {
  const known = new Map<string, string | undefined>([
    ['inventory_hostname', name],
    ['inventory_hostname_short', name.split('.')[0]],
  ]);
  const valueOf = (variable: string): string | undefined => {
    if (!known.has(variable)) {
      // A variable that leads back to itself has no value.
      known.set(variable, undefined);
      const value = Object.hasOwn(all, variable) ? all[variable] : undefined;
      if (typeof value === 'string' || typeof value === 'number')
        known.set(variable, evaluate(String(value)));
    }
    return known.get(variable);
  };
  const evaluate = (text: string): string | undefined => {
    if (!/\{[{%#]/.test(text)) return text;
    let result = '';
    for (const part of text.split(/(\{\{\s*[A-Za-z_]\w*\s*\}\})/)) {
      const [, variable] = /^\{\{\s*(\w+)\s*\}\}$/.exec(part) ?? [];
      const value = variable === undefined ? part : valueOf(variable);
      if (value === undefined || (variable === undefined && /\{[{%#]/.test(part))) return undefined;
      result += value;
      if (result.length > maxTemplateLength) return undefined;
    }
    return result;
  };
  return evaluate;
}

/** No address, path or argument of ssh is longer, in characters. */
const maxTemplateLength = 4096;

/** Options of `ssh` that have a setting here; host-key checking is not one that an import can turn off. */
function readSshArguments(text: string, own: SshSettings, faults: string[]): void {
  let words: string[];
  try {
    words = split(text);
  } catch (error) {
    faults.push(t('ssh arguments: {0}', error instanceof Error ? error.message : String(error)));
    return;
  }
  const options: Record<string, (value: string) => void> = {
    proxyjump: (value) =>
      (own.proxyJump = value === 'none' ? [] : value.split(',').map((jump) => jump.trim())),
    proxycommand: (value) => (own.proxyCommand = value),
    identityfile: (value) => (own.identityFile = [...(own.identityFile ?? []), value]),
    certificatefile: (value) => (own.certificateFile = [...(own.certificateFile ?? []), value]),
    identitiesonly: (value) => (own.identitiesOnly = value === 'yes'),
    user: (value) => (own.user = value),
    port: (value) => (own.port = Number(value)),
    userknownhostsfile: (value) => (own.knownHosts = value.split(/\s+/)),
  };
  const short: Record<string, string> = { J: 'proxyjump', i: 'identityfile', l: 'user', p: 'port' };
  for (let index = 0; index < words.length; index++) {
    const [, flag, joined = ''] = /^-([JilpoF])(.*)$/s.exec(words[index]!) ?? [];
    if (flag === undefined) continue;
    const value = joined === '' ? (words[++index] ?? '') : joined;
    const [, keyword = '', argument = ''] = /^\s*(\w+)\s*(?:=|\s)\s*(.*)$/s.exec(value) ?? [];
    if (flag === 'o') options[keyword.toLowerCase()]?.(argument);
    else options[short[flag] ?? '']?.(value);
  }
}
