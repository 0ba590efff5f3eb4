import tls from 'node:tls'
import { generate } from 'selfsigned'

export interface Certificate {
  key: string
  cert: string
  /** Certificate of the authority that signed it. */
  authority: string
}

/** A certificate for localhost by an authority that this process trusts from now on, as a company's own would be. */
export async function trustedCertificate(): Promise<Certificate> {
  const authority = await generate([{ name: 'commonName', value: 'Authority of the tests' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  })
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), authority.cert])
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  })
  return { key, cert, authority: authority.cert }
}
