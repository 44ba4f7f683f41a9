/** Of documents that show how hosts differ. */
export const driftScheme = 'muster-drift';
