import { StartError } from '../start-error.ts'
import { type Environment, readHost, readPort, readSecrets, sourceOf, withOverrides } from './environment.ts'
import { findNotYet } from './not-yet.ts'
import { inWords, type Problem, pathText, problemsOf } from './problems.ts'
import { readConfigFile } from './read-file.ts'
import { type Config, ConfigFile } from './schema.ts'

/** Loads the configuration. @throws StartError with one line for every problem there is */
export async function loadConfig({ file, env }: { file: string; env: Environment }): Promise<Config> {
  return parseConfig(await readConfigFile(file), env, file)
}

/** Checks what was read. `source` names it in the message. */
export function parseConfig(read: unknown, env: Environment, source = 'The configuration'): Config {
  const problems: Problem[] = []
  const raw = withOverrides(read, env)
  const parsed = ConfigFile.safeParse(raw, { error: inWords })
  if (!parsed.success) problems.push(...problemsOf(parsed.error))
  problems.push(...findNotYet(raw).map(({ path, message }) => ({ path: pathText(path), message })))
  const secrets = readSecrets(env, problems)
  const host = readHost(env, problems)
  const port = readPort(env, parsed.data?.origin, problems)
  if (!parsed.success || problems.length > 0) throw new StartError(listed(problems, env, source))
  return { ...parsed.data, host, port, secrets }
}

function listed(problems: Problem[], env: Environment, source: string): string {
  const lines = problems.map(({ path, message }) => `  ${sourceOf(path, env) || '(the whole file)'}: ${message}`)
  return [`${source} has to be corrected:`, ...lines].join('\n')
}
