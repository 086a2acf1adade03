import type { CliWorld, ExitCode } from './cli-world.js';

const USAGE = `nexus: an OpenAI-compatible gateway

  nexus start                         serve, with the settings of environment, .env and file
  nexus check [FILE]                  check the settings, without opening a socket; exit 78 names every problem
                                      (FILE may be -: standard input; --json: one object a line for each problem, on stdout)
  nexus explain --key K --model M     what would happen to a call: policy, limit, route, order of upstreams
                                      (--subject S instead of --key: a token; --user U: for that end user; --json: for
                                      machines; --file FILE: the settings of that file)
  nexus import litellm FILE           settings of a LiteLLM proxy's config.yaml, and what could not be carried over
                                      (--out F: into a file; --force: over it; --strict: exit 1 when something was left out)
  nexus schema                        JSON Schema of the YAML file
  nexus version
`;

const MISUSE = 64;

type Command = (args: string[], world: CliWorld) => Promise<ExitCode>;

/** Each command is loaded when it is called: none pays for another. */
const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['start', async () => void (await import(new URL('../main.js', import.meta.url).href))],
  ['check', async (args, world) => (await import('./check-command.js')).checkCommand(args, world)],
  ['explain', async (args, world) => (await import('./explain-command.js')).explainCommand(args, world)],
  ['import', async (args, world) => (await import('./import-litellm/import-command.js')).importCommand(args, world)],
  ['schema', async (args, world) => (await import('./schema-command.js')).schemaCommand(args, world)],
  ['version', async (args, world) => (await import('./version-command.js')).versionCommand(args, world)],
]);

/** Runs one command and tells its exit code. Misuse ends with 64 and the usage. */
export async function runCli(args: readonly string[], world: CliWorld): Promise<ExitCode> {
  const [name = '--help', ...rest] = args;
  if (name === 'help' || [name, ...rest].some((arg) => arg === '--help' || arg === '-h')) {
    world.out(USAGE);
    return 0;
  }
  const command = COMMANDS.get(name === '--version' || name === '-v' ? 'version' : name);
  if (command === undefined) return misuse(`there is no command ${JSON.stringify(name)}`, world);
  try {
    return await command(rest, world);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_PARSE_ARGS')) return misuse(message, world);
    throw error;
  }
}

function misuse(reason: string, world: CliWorld): number {
  world.err(`${reason}\n\n${USAGE}`);
  return MISUSE;
}
