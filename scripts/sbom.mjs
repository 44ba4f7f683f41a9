// The software bill of materials of a release, in CycloneDX's JSON: the packages in the bundles, and Node.js.
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';

/** What Node.js lists of itself is in its own licence; the executables name its version. */
const nodeOf = (version) => ({
  ...{ type: 'platform', 'bom-ref': `node@${version}`, name: 'node', version },
  ...{ purl: `pkg:generic/node@${version}`, licenses: [{ license: { id: 'MIT' } }] },
});

const licenceOf = (licence) =>
  licence.startsWith('(') ? [{ expression: licence }] : [{ license: { id: licence } }];

function componentOf({ name, version, licence }) {
  // A part of another package, of which not even the version may be known.
  const [, own, within] = /^(.*?)(?: \(in (.*)\))?$/.exec(name);
  return {
    ...{ type: 'library', 'bom-ref': `${within ?? 'npm'}/${own}@${version}`, name: own },
    ...(version !== '' && { version }),
    ...(within === undefined && { purl: `pkg:npm/${own.replace('@', '%40')}@${version}` }),
    ...(within !== undefined && { description: `part of ${within}` }),
    licenses: licenceOf(licence),
  };
}

/**
 * @param bundled as scripts/build.mjs leaves it in dist/bundled.json
 * @throws Error when it is not valid by the schema of CycloneDX
 */
export async function sbom({ name, version, license }, { commit, date }, bundled, nodeVersions) {
  const bom = {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    metadata: {
      ...(date !== null && { timestamp: `${date}T00:00:00Z` }),
      component: {
        ...{ type: 'application', 'bom-ref': `${name}@${version}`, name, version },
        licenses: licenceOf(license),
        ...(commit !== null && { properties: [{ name: 'commit', value: commit }] }),
      },
    },
    components: [...bundled.map(componentOf), ...nodeVersions.map(nodeOf)],
  };
  const text = `${JSON.stringify(bom, null, 2)}\n`;
  const problems = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
  if (problems !== null) throw new Error(`The SBOM is not valid: ${JSON.stringify(problems)}`);
  return text;
}
