/** The client alone: the package's own entry brings all of fetch. */
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}
