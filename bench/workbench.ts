import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './machine/child.ts';
import type { Cores } from './machine/cores.ts';
import { freePort } from './machine/free-port.ts';
import type { Pace } from './pace.ts';
import { gatewaySettings } from './servers/gateway-settings.ts';
import { listens } from './servers/listens.ts';
import { nginxConfiguration } from './servers/nginx-configuration.ts';
import { Server } from './servers/server.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Folders that hold a `main.js`. `against`: another build, to be told apart from the measured one. */
export interface Builds {
  readonly measured: string;
  readonly against: string | undefined;
}

/** Where a profile gets what it measures. What was started here is stopped here, whatever happens. */
export class Workbench {
  readonly pace: Pace;
  readonly cores: Cores;
  readonly folder = mkdtempSync(join(tmpdir(), 'nexus-bench-'));
  readonly hasNginx = isInstalled('nginx', '-v');
  readonly hasRedis = isInstalled('redis-server', '--version');
  private readonly running: { stop(): Promise<void> }[] = [];
  private started = 0;

  private readonly builds: Builds;

  constructor(pace: Pace, cores: Cores, builds: Builds) {
    this.pace = pace;
    this.cores = cores;
    this.builds = builds;
  }

  /** The server behind them all. */
  async upstream(): Promise<Server> {
    const script = join(ROOT, 'bench/servers/upstream-process.ts');
    return this.listening('upstream', this.cores.measuring, (port) => [process.execPath, script, String(port), String(this.pace.streamEvents)]);
  }

  async nginx(upstream: Server): Promise<Server | undefined> {
    if (!this.hasNginx) return undefined;
    return this.listening('nginx', this.cores.measured, (port) => {
      const file = join(this.folder, `nginx-${port}.conf`);
      writeFileSync(file, nginxConfiguration(this.folder, port, upstream.port));
      return ['nginx', '-p', this.folder, '-c', file];
    });
  }

  /** Swallows what telemetry sends. */
  async collector(): Promise<Server> {
    const script = join(ROOT, 'bench/servers/collector-process.ts');
    return this.listening('collector', this.cores.measuring, (port) => [process.execPath, script, String(port)]);
  }

  async redis(): Promise<Server> {
    return this.listening('redis', this.cores.measuring, (port) => [
      'redis-server',
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--dir',
      this.folder,
    ]);
  }

  /** `settings` are laid over those of `gatewaySettings`. */
  async gateway(upstream: Server, settings: Readonly<Record<string, string>> = {}, options: GatewayOptions = {}): Promise<Server> {
    const port = await freePort();
    const child = this.start(options.name ?? 'gateway', this.cores.measured, this.gatewayCommand(options.build), {
      ...gatewaySettings(upstream.port),
      ...settings,
      GATEWAY_PORT: String(port),
    });
    await child.until(() => isReady(port));
    return new Server(options.name ?? 'gateway', port, child);
  }

  /** The gateway of the other build, where one was asked for. */
  async otherGateway(upstream: Server): Promise<Server | undefined> {
    const { against } = this.builds;
    return against === undefined ? undefined : this.gateway(upstream, {}, { name: 'against', build: against });
  }

  /** As `npm start` runs it, once everything is installed and built. */
  gatewayCommand(build = this.builds.measured): readonly string[] {
    return [process.execPath, '--enable-source-maps', '--max-semi-space-size=8', join(build, 'main.js')];
  }

  /** Ends whatever a profile left running. */
  async clear(): Promise<void> {
    for (const one of this.running.splice(0).reverse()) await one.stop();
  }

  async close(): Promise<void> {
    await this.clear();
    rmSync(this.folder, { recursive: true, force: true });
  }

  start(name: string, cores: string | undefined, command: readonly string[], environment: Readonly<Record<string, string>> = {}): Child {
    const child = new Child({ name: `${name}-${++this.started}`, command, folder: this.folder, cores, environment });
    this.running.push(child);
    return child;
  }

  async listening(name: string, cores: string | undefined, command: (port: number) => readonly string[]): Promise<Server> {
    const port = await freePort();
    const child = this.start(name, cores, command(port));
    await child.until(() => listens(port));
    return new Server(name, port, child);
  }
}

interface GatewayOptions {
  readonly name?: string;
  readonly build?: string;
}

export async function isReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
    await answer.text();
    return answer.ok;
  } catch {
    return false;
  }
}

function isInstalled(program: string, argument: string): boolean {
  try {
    execFileSync(program, [argument], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
