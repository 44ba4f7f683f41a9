/** What can be switched off, and `reload`, which is to be switched on. */
export const endpointNames = ['metrics', 'vars', 'healthz', 'probe', 'alerts', 'reload'] as const;
export type EndpointName = (typeof endpointNames)[number];
