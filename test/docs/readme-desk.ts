import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type GatewayProcess, startGateway } from '../doubles/gateway-process.js';
import { type RedisProcess, startRedis } from '../doubles/redis-process.js';
import type { Example } from './examples.js';
import { type Pasted, pasted } from './pasted-shell.js';

/** Told apart from what the environment brought along. */
const OWN = ['PATH', 'HOME', 'PWD', 'OLDPWD', 'SHLVL', '_'];
/** What README's words `npm start` do here: tell what was set for it. */
const NPM = `npm() { node -e 'process.stdout.write(JSON.stringify(process.env))'; }\n`;

/**
 * Somebody who pastes README's examples in order: a folder like a clone, a shell, and the gateways that were started, each on a free port
 * of its own. A port that README names is written as the one that stands for it.
 */
export class ReadmeDesk {
  readonly folder = mkdtempSync(join(tmpdir(), 'nexus-readme-'));
  private readonly gateways = new Map<string, GatewayProcess>();
  private readonly former: GatewayProcess[] = [];
  private readonly leaving: Promise<unknown>[] = [];
  private redis: RedisProcess | undefined;
  private readonly env: Readonly<Record<string, string>>;

  constructor() {
    for (const name of ['bin', 'config', 'dist', 'node_modules', 'package.json']) symlinkSync(resolve(name), join(this.folder, name));
    this.env = { PATH: `${resolve('node_modules/.bin')}:${process.env['PATH'] ?? ''}`, HOME: this.folder };
  }

  async start({ code, needsRedis }: Example): Promise<void> {
    if (needsRedis) this.redis ??= await startRedis();
    const { output } = await pasted(NPM + this.withPorts(code), this.folder, this.env);
    const { GATEWAY_PORT: port = '8000', ...set } = JSON.parse(output) as Record<string, string>;
    for (const name of OWN) delete set[name];
    if (set['GATEWAY_CONFIG_FILE'] !== undefined) set['GATEWAY_CONFIG_FILE'] = join(this.folder, set['GATEWAY_CONFIG_FILE']);
    const former = this.gateways.get(port);
    if (former !== undefined) {
      this.former.push(former);
      this.leaving.push(former.stop());
    }
    this.gateways.delete(port);
    this.gateways.set(port, await startGateway({ NODE_COMPILE_CACHE: resolve('node_modules/.cache/readme'), ...set }));
  }

  async run({ code }: Example): Promise<Pasted> {
    return pasted(`set -o pipefail\n${this.withPorts(code)}`, this.folder, this.env);
  }

  async module({ code }: Example): Promise<Pasted> {
    writeFileSync(join(this.folder, 'example.mjs'), this.withPorts(code));
    return pasted('node example.mjs', this.folder, this.env);
  }

  /** What all gateways have logged so far, also those that are gone. */
  logs(): string[] {
    return [...this.former, ...this.gateways.values()].flatMap((gateway) => gateway.logs());
  }

  async close(): Promise<void> {
    await Promise.all([...this.leaving, ...[...this.gateways.values()].map((gateway) => gateway.stop())]);
    await this.redis?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private withPorts(code: string): string {
    let text = code;
    if (this.redis !== undefined) text = text.replaceAll('localhost:6379', `localhost:${this.redis.port}`);
    for (const [port, gateway] of this.gateways) text = text.replaceAll(new RegExp(`(localhost:|[{,])${port}\\b`, 'g'), `$1${gateway.port}`);
    return text;
  }
}
