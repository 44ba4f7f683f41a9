import path from 'node:path';
import { parseAnsibleIni } from './ansibleIni';
import { AnsibleModel } from './ansibleModel';
import { parseAnsibleYaml, readVariables } from './ansibleYaml';
import { emptyFragment, type Fragment } from './fragment';
import type { FileAccess } from './fileAccess';
import type { SshSettings } from './model';
import { parseYaml } from './yamlSource';

/**
 * Imports an Ansible inventory, INI or YAML, with the `group_vars` and `host_vars` beside it.
 * @throws MusterError INVENTORY when the file cannot be read
 */
export async function readAnsible(file: string, defaults: SshSettings, files: FileAccess): Promise<Fragment> {
  const text = await files.read(file);
  const fragment = emptyFragment(file);
  const model = new AnsibleModel(fragment.problems);
  if (isYaml(file, text)) parseAnsibleYaml(text, file, model);
  else parseAnsibleIni(text, file, model);
  await readVariableFiles(model, fragment, files);
  return Object.assign(fragment, model.drafts(defaults, file));
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
    for (const name of await files.list(root)) {
      const variables = variablesOf(variableFile.exec(name)?.[1] ?? name);
      if (!variables) continue;
      const inFolder = (await files.list(path.join(root, name))).map((inner) => path.join(root, name, inner));
      for (const file of inFolder.length > 0 ? inFolder : [path.join(root, name)]) {
        const text = await files.readOptional(file);
        fragment.files.push(file);
        if (text === undefined || text.startsWith('$ANSIBLE_VAULT')) continue;
        Object.assign(variables, readVariables(parseYaml(text, file), fragment.problems));
      }
    }
  }
}
