import type { Node } from 'yaml';
import { t } from '../../l10n/l10n';
import type { AnsibleModel } from './ansibleModel';
import type { Problem } from '../model';
import { parseYaml, type Entry, type YamlSource } from '../yaml/yamlSource';

/** Ansible's tags for what it decrypts or leaves alone are no mistakes; other warnings are its business too. */
const isOurs = ({ severity }: Problem) => severity === 'error';

const maxDepth = 50;

/** Ansible's YAML inventory: groups of `hosts`, `vars` and `children`, usually below `all`. */
export function parseAnsibleYaml(text: string, file: string, model: AnsibleModel): 'ansible' {
  const source = parseYaml(text, file);
  if (!isInventory(source)) {
    source.refuse(t('expected groups: a mapping such as all: { hosts: … }'), source.rangeOf(source.root));
    for (const { message, range } of source.problems) model.report(message, range);
    return 'ansible';
  }
  const reader = new AnsibleYamlReader(source, model);
  for (const entry of source.entries(source.root, 'group')) reader.readGroup(entry, 0);
  for (const { message, range } of source.problems.filter(isOurs)) model.report(message, range);
  return 'ansible';
}

/** Whether a group of it has a part that Ansible knows, or says nothing at all. */
function isInventory(source: YamlSource): boolean {
  const kind = source.kindOf(source.root);
  if (kind !== 'mapping') return kind === 'empty';
  const groups = source.entries(source.root, 'group');
  const isPart = ({ key }: Entry) => ['hosts', 'vars', 'children'].includes(key);
  return (
    groups.every(({ value }) => source.kindOf(value) === 'empty') ||
    groups.some(({ key, value }) => ['all', 'ungrouped'].includes(key) || source.entries(value).some(isPart))
  );
}

class AnsibleYamlReader {
  constructor(
    private readonly source: YamlSource,
    private readonly model: AnsibleModel,
  ) {}

  readGroup({ key, keyNode, value }: Entry, depth: number): void {
    const range = this.source.rangeOf(keyNode);
    if (depth > maxDepth) return this.source.add('error', t('groups are nested too deeply'), range);
    const group = this.model.group(key, range);
    this.expectMapping(key, value, 'warning');
    for (const part of this.source.entries(value)) {
      switch (part.key) {
        case 'hosts':
          for (const host of this.named(part, 'host')) {
            const target = key === 'all' || key === 'ungrouped' ? undefined : group;
            this.model.addHosts(host.key, this.source.rangeOf(host.keyNode), this.variables(host), target);
          }
          break;
        case 'vars':
          Object.assign(group.variables, this.variables(part));
          break;
        case 'children':
          for (const child of this.named(part, 'group')) {
            if (key !== 'all') group.children.add(child.key);
            this.readGroup(child, depth + 1);
          }
          break;
        default:
          this.source.add(
            'error',
            t('a group holds hosts, vars and children, not “{0}”', part.key),
            this.source.rangeOf(part.keyNode),
          );
      }
    }
  }

  /** What a part names; as for Ansible, a text is the one name without anything about it. */
  private named(part: Entry, noun: string): readonly Entry[] {
    const { key, value } = part;
    const name = this.source.kindOf(value) === 'scalar' ? this.source.plain(value) : undefined;
    if (typeof name === 'string') return [{ key: name, keyNode: value!, value: null }];
    this.expectMapping(key, value);
    return this.source.entries(value, noun);
  }

  private variables({ key, value }: Entry): Record<string, unknown> {
    this.expectMapping(key, value);
    return plainVariables(this.source, value);
  }

  private expectMapping(key: string, value: Node | null, severity: Problem['severity'] = 'error'): void {
    if (['mapping', 'empty'].includes(this.source.kindOf(value))) return;
    const message = t('“{0}” must be a mapping: what it holds is left out', key);
    this.model.report(message, this.source.rangeOf(value), severity);
  }
}

/** A file of `group_vars` or `host_vars`. */
export function readVariables(source: YamlSource, problems: Problem[]): Record<string, unknown> {
  const variables = plainVariables(source, source.root);
  problems.push(...source.problems.filter(isOurs));
  return variables;
}

function plainVariables(source: YamlSource, node: Node | null): Record<string, unknown> {
  try {
    // What is encrypted stays out.
    const entries = source.entries(node, 'variable').filter(({ value }) => !value?.tag?.includes('vault'));
    return Object.fromEntries(entries.map(({ key, value }) => [key, source.plain(value)]));
  } catch (error) {
    source.add('error', error instanceof Error ? error.message : String(error), source.rangeOf(node));
    return {};
  }
}
