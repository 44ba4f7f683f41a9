/** Of documents that show how hosts differ, and the name of their language. */
export const driftScheme = 'muster-drift';
