import fc from 'fast-check';

/** How often a property is tried for each time in `npm test`: `npm run test:soak` tries it more often. */
const factor = Number(process.env['MUSTER_PROPERTY_FACTOR'] ?? 1);

/** Runs of a property that `npm test` tries `count` times. */
export const propertyRuns = (count: number): number => count * factor;

fc.configureGlobal({ numRuns: propertyRuns(100) });
