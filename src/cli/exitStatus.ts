/** Exit statuses, part of the public contract. */
export const exitStatus = {
  /** All healthy or ok. */
  healthy: 0,
  /** Something is unhealthy or failed. */
  unhealthy: 1,
  /** Bad usage or inventory; nothing was run. */
  usage: 2,
  interrupted: 130,
  terminated: 143,
} as const;
