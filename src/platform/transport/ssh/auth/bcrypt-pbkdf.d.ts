declare module 'bcrypt-pbkdf' {
  /** Length of a hash in bytes. */
  export const HASHSIZE: number;
  /** bcrypt of two SHA-512 digests, written to `out`. */
  export function hash(passwordDigest: Uint8Array, saltDigest: Uint8Array, out: Uint8Array): void;
}
