/**
 * By which an inventory gives out the entries of a section. It is apart from the section, so that what shows entries
 * can start without what reads them.
 */
export interface SectionToken<Entry> {
  /** The key at the top of `muster.yaml`; an inner section has that of the section around it before its own. */
  readonly key: string;
  /** Never there: it carries the type. */
  readonly entry?: Entry;
}
