import path from 'node:path';

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

/** A bundle beside this one; undefined in the single executable, as a file beside that would be anybody's. */
export function bundleBeside(name: string): string | undefined {
  return MUSTER_BUILD.format === 'binary' ? undefined : path.join(__dirname, name);
}

/** Which build this is, and what it runs on. */
export function buildFacts() {
  const { platform, arch, versions } = process;
  return { ...MUSTER_BUILD, node: versions.node, platform, arch };
}
