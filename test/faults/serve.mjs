// Starts the fault server from a shell: node test/faults/serve.mjs [PORT]. Prints its address and its modes.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

registerHooks({
  resolve: (specifier, context, next) => next(/^\.{1,2}\/.*\.js$/.test(specifier) ? specifier.replace(/js$/, 'ts') : specifier, context),
  load: (url, context, next) => {
    if (!url.endsWith('.ts')) return next(url, context);
    const { code } = transformSync(readFileSync(fileURLToPath(url), 'utf8'), { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } });
    return { format: 'module', source: code, shortCircuit: true };
  },
});

const { FaultUpstream, FAULT_MODES } = await import('./fault-upstream.ts');
const upstream = await FaultUpstream.start(Number(process.argv[2] ?? 9100));
const lines = FAULT_MODES.map(({ usage, what }) => `  ${usage.padEnd(52)} ${what}`);
process.stdout.write(`http://127.0.0.1:${upstream.port}/MODE/v1  (ledger: GET or DELETE /__ledger)\n${lines.join('\n')}\n`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void upstream.close());
