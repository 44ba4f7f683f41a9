import path from 'node:path';
import { MusterError } from '../../errors/errors';
import { t } from '../../l10n/l10n';
import { parseAnsibleIni, type Recognition } from './ansibleIni';
import { AnsibleModel } from './ansibleModel';
import { parseAnsibleYaml, readVariables } from './ansibleYaml';
import { emptyFragment, type Fragment } from '../fragment';
import { type FileAccess, refusalOf } from '../fileAccess';
import type { SourceRange, SshSettings } from '../model';
import { parseYaml } from '../yaml/yamlSource';

/**
 * Imports an Ansible inventory, INI or YAML, with the `group_vars` and `host_vars` beside it.
 * @throws MusterError INVENTORY when the file cannot be read
 */
export async function readAnsible(file: string, defaults: SshSettings, files: FileAccess): Promise<Fragment> {
  const text = await files.read(file);
  const fragment = emptyFragment(file);
  const model = new AnsibleModel(fragment.problems);
  const recognition = isYaml(file, text)
    ? parseAnsibleYaml(text, file, model)
    : parseAnsibleIni(text, file, model);
  await readVariableFiles(model, fragment, files);
  Object.assign(fragment, model.drafts(defaults, file));
  if (recognition === 'ansible') model.recognise();
  else if (isOfAnotherKind(fragment, recognition)) {
    const message = t('this is not an Ansible inventory: its lines do not name hosts');
    return { ...emptyFragment(file), problems: [{ severity: 'error', message, range: startOf(file) }] };
  }
  return fragment;
}

/** Nothing of such a file is shown: a key or a list of passwords may have lines that pass for hosts. */
function isOfAnotherKind({ file, hosts, problems }: Fragment, recognition: Recognition): boolean {
  const odd = new Set(problems.filter(({ range }) => range.file === file).map(({ range }) => range.line))
    .size;
  return recognition === 'sections' ? odd > hosts.length : odd > 0 && odd >= hosts.length;
}

function startOf(file: string): SourceRange {
  return { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
}

/** By extension, else by how it begins: an INI file has no line `key:`. */
function isYaml(file: string, text: string): boolean {
  if (/\.(ya?ml|json)$/i.test(file)) return true;
  if (/\.(ini|cfg|hosts)$/i.test(file)) return false;
  const firstLine = text.split('\n').find((line) => !/^\s*([#;].*)?$/.test(line)) ?? '';
  return /^(---|\{|[\w.-]+:\s*$)/.test(firstLine);
}

const variableFile = /^(.+?)(\.ya?ml|\.json)?$/i;

/** `group_vars/web.yml`, `host_vars/web-01/*.yml`…: only those of groups and hosts that exist are read. */
async function readVariableFiles(model: AnsibleModel, fragment: Fragment, files: FileAccess): Promise<void> {
  const owners = [
    [
      'group_vars',
      (name: string) => (name === 'all' ? model.group('all') : model.groups.get(name))?.fileVariables,
    ],
    ['host_vars', (name: string) => model.hosts.get(name)?.fileVariables],
  ] as const;
  for (const [folder, variablesOf] of owners) {
    const root = path.join(path.dirname(fragment.file), folder);
    for (const name of (await spared(fragment, files.list(root))) ?? []) {
      const variables = variablesOf(variableFile.exec(name)?.[1] ?? name);
      if (!variables) continue;
      const own = path.join(root, name);
      const inner = (await spared(fragment, files.list(own))) ?? [];
      for (const file of inner.length > 0 ? inner.map((one) => path.join(own, one)) : [own]) {
        const text = await spared(fragment, files.readOptional(file), file);
        if (text === undefined || text.startsWith('$ANSIBLE_VAULT')) continue;
        Object.assign(variables, readVariables(parseYaml(text, file), fragment.problems));
      }
    }
  }
}

/**
 * What reading comes to; what cannot be read is a problem of the inventory, of which the rest is taken. A file that was
 * looked at is one of the fragment's.
 */
async function spared<T>(fragment: Fragment, reading: Promise<T>, file?: string): Promise<T | undefined> {
  try {
    const read = await reading;
    if (file !== undefined) fragment.files.push(file);
    return read;
  } catch (error) {
    if (!MusterError.is(error, 'INVENTORY')) throw error;
    const refusal = refusalOf(error);
    if (!refusal && file !== undefined) fragment.files.push(file);
    const range = startOf(fragment.file);
    fragment.problems.push({ severity: refusal?.severity ?? 'error', message: error.message, range });
    return undefined;
  }
}
