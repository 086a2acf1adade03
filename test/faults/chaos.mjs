// Starts the proxy from a shell: node test/faults/chaos.mjs LISTEN_PORT TARGET_PORT [delayMs=50] [sliceBytes=1] [resetAfterBytes=2000] …
import './typescript.mjs';

const [listen, target, ...options] = process.argv.slice(2);
const { ChaosProxy, CHAOS_OPTIONS } = await import('./chaos-proxy.ts');
if (target === undefined) {
  process.stderr.write(
    `node test/faults/chaos.mjs LISTEN_PORT TARGET_PORT [OPTION=NUMBER …]\n${CHAOS_OPTIONS.map((line) => `  ${line}\n`).join('')}`,
  );
  process.exit(64);
}
const proxy = await ChaosProxy.start(Number(target), Number(listen));
Object.assign(proxy.faults, Object.fromEntries(options.map((option) => option.split('=')).map(([name, value]) => [name, Number(value)])));
process.stdout.write(`127.0.0.1:${proxy.port} -> 127.0.0.1:${target} ${JSON.stringify(proxy.faults)}\n`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void proxy.close());
