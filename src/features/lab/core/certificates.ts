import { generate } from 'selfsigned';

export interface Certificate {
  /** PEM */
  key: string;
  /** PEM */
  cert: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/** A certificate authority for one lab, ECDSA P-256, valid for ten years. */
export async function createAuthority(): Promise<Certificate> {
  return issue('Muster lab CA', 3650, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
}

/** A server certificate for a host name and its IPv4 address, signed by `authority`. */
export function issueServerCertificate(
  authority: Certificate,
  host: { name: string; address: string; certificateDays: number },
): Promise<Certificate> {
  return issue(
    host.name,
    host.certificateDays,
    [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: host.name },
          { type: 7, ip: host.address },
        ],
      },
    ],
    authority,
  );
}

type Extensions = NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']>;

async function issue(
  commonName: string,
  days: number,
  extensions: Extensions,
  ca?: Certificate,
): Promise<Certificate> {
  const now = Date.now();
  const pems = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // A certificate made this very second is "not yet valid" to a client whose clock rounds down.
    notBeforeDate: new Date(now - dayMs),
    notAfterDate: new Date(now + days * dayMs),
    extensions,
    ca,
  });
  return { key: pems.private, cert: pems.cert };
}
