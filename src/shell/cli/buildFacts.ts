/** What scripts/build.mjs knows about the build. */
declare const MUSTER_BUILD: {
  readonly version: string;
  /** Null where it was not built in a clone: then nobody knows it. */
  readonly commit: string | null;
  /** Whether the sources differed from that commit; null where it is not known. */
  readonly modified: boolean | null;
  /** `bundle`: as `npm run build` leaves it and the extension has it; `npm`: the npm package, `binary`: the single executable. */
  readonly format: 'bundle' | 'npm' | 'binary';
};

/** Which build this is, and what it runs on. */
export function buildFacts() {
  const { platform, arch, versions } = process;
  return { ...MUSTER_BUILD, node: versions.node, platform, arch };
}
