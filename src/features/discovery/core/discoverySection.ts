import { clusterEntries } from '../../etcd/core/section/clusterEntry';
import type { Reference } from '../../../platform/inventory/fragment';
import { nameProblem } from '../../../platform/inventory/hostName';
import { toJsonSchema } from '../../../platform/inventory/schema/jsonSchema';
import { child, locate, references } from '../../../platform/inventory/yaml/located';
import { labelsOf } from '../../../platform/inventory/musterFile';
import type { EntryDefaults, Section } from '../../../platform/inventory/section';
import { withResolvedPaths } from '../../../platform/inventory/sshConfig/sshDefaults';
import { validate } from '../../../platform/inventory/validation';
import type { Entry, YamlSource } from '../../../platform/inventory/yaml/yamlSource';
import { t, text } from '../../../platform/l10n/l10n';
import { discoveries, type Discovery, registryText } from './discovery';
import { discoverySchema } from './discoverySchema';

interface DiscoveryDraft extends Discovery {
  /** Where it names its cluster. */
  cluster?: Reference;
}

const defaultRefreshMs = 60_000;

/** The section `discover`: groups whose hosts are found. */
export const discoverySection: Section<DiscoveryDraft, Discovery> = {
  ...discoveries,
  noun: 'group',
  description: 'Groups whose hosts are found in etcd or by DNS, by name.',
  duplicate: text('duplicate group “{0}” in “discover”: the first is in {1}'),
  outlineKey: 'etcd',
  standsAlone: true,
  schema: () => toJsonSchema(discoverySchema),
  read: readDiscovery,
  assemble: ({ cluster, ...discovery }, scope) =>
    !cluster || scope.find(clusterEntries, cluster, t('no etcd cluster “{0}”', cluster.text))
      ? discovery
      : undefined,
  origin: ({ registry }) => registryText(registry),
  summary: ({ registry }) => ({ detail: registryText(registry), facts: [registryText(registry)] }),
};

function readDiscovery(
  source: YamlSource,
  entry: Entry,
  { ssh: defaultSsh }: EntryDefaults,
): DiscoveryDraft | undefined {
  const range = source.rangeOf(entry.keyNode);
  const fault = nameProblem(entry.key);
  if (fault !== undefined) source.add('error', fault, range);
  const settings = validate(source, discoverySchema, locate(source, entry));
  if (!settings || fault !== undefined) return undefined;
  const { etcd, prefix = '', srv = '', resolver, refresh: refreshMs = defaultRefreshMs } = settings;
  const [cluster] = references(source, child(source, entry, 'etcd'));
  return {
    ...{ name: entry.key, source: range, defaultSsh, labels: labelsOf(source, entry) },
    ssh: withResolvedPaths(settings.ssh ?? {}, source.file),
    registry:
      etcd === undefined
        ? { kind: 'srv', name: srv, refreshMs, ...(resolver !== undefined && { resolver }) }
        : { kind: 'etcd', cluster: etcd, prefix },
    ...(cluster && { cluster }),
  };
}
