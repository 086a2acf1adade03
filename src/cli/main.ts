import { buffer } from 'node:stream/consumers';
import { runCli } from './run-cli.js';

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  out: (text) => write(process.stdout, text),
  err: (text) => write(process.stderr, text),
  input: () => buffer(process.stdin),
});

/** Who reads may leave (`| head`): that is no error of the command's. */
function write(stream: NodeJS.WriteStream, text: string): void {
  if (stream.listenerCount('error') === 0) stream.on('error', leftAlone);
  stream.write(text);
}

function leftAlone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
