import { split } from 'shlex';
import { t } from '../../l10n/l10n';
import type { AnsibleModel } from './ansibleModel';
import type { SourceRange } from '../model';

type Section = { kind: 'hosts' | 'children' | 'vars'; group: string };

/** Whether a file is an inventory: other tools write sections, too. */
export type Recognition = 'ansible' | 'sections' | 'unknown';

/** Ansible's INI inventory: hosts with variables, `[group]`, `[group:children]` and `[group:vars]`. */
export function parseAnsibleIni(text: string, file: string, model: AnsibleModel): Recognition {
  let recognition: Recognition = 'unknown';
  let section: Section | undefined = { kind: 'hosts', group: 'ungrouped' };
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || /^[#;]/.test(line)) continue;
    const column = raw.indexOf(line) + 1;
    const at = (length = line.length): SourceRange => ({
      file,
      line: index + 1,
      column,
      endLine: index + 1,
      endColumn: column + length,
    });
    if (line.startsWith('[') && /^\[[^\]]*\]\s*([#;].*)?$/.test(line)) {
      section = readHeader(line, at(), model);
      if (section && section.kind !== 'hosts') recognition = 'ansible';
      else if (section && recognition === 'unknown') recognition = 'sections';
    } else if (section) {
      readLine(line, at, section, model);
      if (/(^|\s)ansible_\w+\s*=/.test(line)) recognition = 'ansible';
    }
  }
  return recognition;
}

function readHeader(line: string, range: SourceRange, model: AnsibleModel): Section | undefined {
  const [, group, kind = 'hosts'] = /^\[([^:\]\s]+)(?::(\w+))?\]/.exec(line) ?? [];
  if (group === undefined || (kind !== 'hosts' && kind !== 'children' && kind !== 'vars')) {
    model.report(t('a section is [group], [group:children] or [group:vars]'), range);
    return undefined;
  }
  if (group !== 'ungrouped') model.define(group, range);
  return { kind, group };
}

function readLine(
  line: string,
  at: (length?: number) => SourceRange,
  section: Section,
  model: AnsibleModel,
): void {
  if (section.kind === 'vars') {
    const [, key, value] = /^([^=\s]+)\s*=\s*(.*)$/s.exec(line) ?? [];
    if (key === undefined || value === undefined) model.report(t('expected variable=value'), at());
    else model.group(section.group).variables[key] = literal(value);
    return;
  }
  let words: string[];
  try {
    words = split(line.replace(/\s#[^'"]*$/, ''));
  } catch (error) {
    model.report(
      t('cannot be split into words: {0}', error instanceof Error ? error.message : String(error)),
      at(),
    );
    return;
  }
  const [first = '', ...rest] = words;
  if (section.kind === 'children') {
    model.group(section.group).children.add(first);
    model.group(first, at());
    return;
  }
  const variables: Record<string, unknown> = {};
  for (const word of rest) {
    const equals = word.indexOf('=');
    if (equals > 0) variables[word.slice(0, equals)] = literal(word.slice(equals + 1));
    else
      model.report(
        t('expected variable=value, found “{0}”', word),
        at(),
        'error',
        t('expected variable=value'),
      );
  }
  const group = section.group === 'ungrouped' ? undefined : model.group(section.group);
  model.addHosts(first, at(first.length), variables, group);
}

/** The Python literals that Ansible knows in INI values, as far as they are scalars. */
function literal(text: string): unknown {
  const constants: Record<string, unknown> = { True: true, False: false, None: null };
  if (Object.hasOwn(constants, text)) return constants[text];
  if (/^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text)) return Number(text);
  return /^(['"])(.*)\1$/s.exec(text)?.[2] ?? text;
}
