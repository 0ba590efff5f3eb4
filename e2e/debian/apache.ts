import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { untilUp } from '../shop.ts'

/** An Apache of a test's own with mod_auth_openidc, on loopback. */
export interface Apache {
  origin: string
  stop(): Promise<void>
}

export interface ApacheOptions {
  port: number
  issuer: string
  clientSecret: string
  /** Certificate of the authority that vouches for the issuer. */
  authority: string | undefined
}

const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'headers', 'auth_openidc']
/** Debian's `nobody`; whoever isn't root runs Apache as themselves. */
const nobody = 65_534

/** Starts Apache with what the module's README says, and a page that tells who is there. */
export async function startApache({ port, issuer, clientSecret, authority }: ApacheOptions): Promise<Apache> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-apache-'))
  const origin = `http://localhost:${port}`
  for (const name of ['htdocs', 'htdocs/private', 'cache']) await mkdir(join(folder, name))
  await writeFile(join(folder, 'htdocs/index.html'), 'everybody')
  await writeFile(join(folder, 'htdocs/private/index.html'), 'members')
  if (authority) await writeFile(join(folder, 'authority.pem'), authority)
  const file = join(folder, 'apache.conf')
  await writeFile(
    file,
    configuration({ folder, origin, port, issuer, clientSecret, isTrusting: authority !== undefined }),
  )
  const apache = spawn('/usr/sbin/apache2', ['-f', file, '-D', 'FOREGROUND'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    ...asNobody(folder),
  })
  const stop = async () => {
    await end(apache)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await untilUp([`${origin}/`], [apache])
  } catch (cause) {
    const log = await readFile(join(folder, 'error.log'), 'utf8').catch(() => 'nothing')
    await stop()
    throw new Error(`Apache did not start and wrote ${log}`, { cause })
  }
  return { origin, stop }
}

/** Apache started by root would change user itself, and open what only root may. */
function asNobody(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['', 'cache']) chownSync(join(folder, name), nobody, nobody)
  return { uid: nobody, gid: nobody }
}

async function end(apache: ChildProcess): Promise<void> {
  apache.kill('SIGTERM')
  if (apache.exitCode === null && apache.signalCode === null) await once(apache, 'exit')
}

interface Settings extends Omit<ApacheOptions, 'authority'> {
  folder: string
  origin: string
  isTrusting: boolean
}

function configuration({ folder, origin, port, issuer, clientSecret, isTrusting }: Settings): string {
  return `
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ServerRoot ${folder}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${folder}/apache.pid
ErrorLog ${folder}/error.log
DocumentRoot ${folder}/htdocs
StartServers 1
ServerLimit 1
ThreadsPerChild 8
MaxRequestWorkers 8

OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID apache
OIDCClientSecret ${clientSecret}
OIDCRedirectURI ${origin}/private/callback
OIDCCryptoPassphrase ${randomBytes(32).toString('hex')}
OIDCScope "openid profile"
OIDCPKCEMethod S256
OIDCCacheType file
OIDCCacheDir ${folder}/cache
OIDCDefaultLoggedOutURL ${origin}/
${isTrusting ? `OIDCCABundlePath ${folder}/authority.pem` : ''}

<Location /private>
  AuthType openid-connect
  Require valid-user
  Header set X-Name "%{OIDC_CLAIM_name}e"
</Location>
`
}
