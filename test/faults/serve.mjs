// Starts the fault server from a shell: node test/faults/serve.mjs [PORT]. Prints its address and its modes.
import './typescript.mjs';

const { FaultUpstream, FAULT_MODES } = await import('./fault-upstream.ts');
const upstream = await FaultUpstream.start(Number(process.argv[2] ?? 9100));
const lines = FAULT_MODES.map(({ usage, what }) => `  ${usage.padEnd(52)} ${what}`);
process.stdout.write(`http://127.0.0.1:${upstream.port}/MODE/v1  (ledger: GET or DELETE /__ledger)\n${lines.join('\n')}\n`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void upstream.close());
