import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Pasted {
  readonly code: number | null;
  readonly output: string;
}

/** Runs text as a person would who pastes it into a shell; ends it after 20 s. */
export async function pasted(text: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Pasted> {
  const child = spawn('bash', ['-c', text], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (piece: string) => (output += piece));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
