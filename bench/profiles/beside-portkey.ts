import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ratios, spreadOf } from '../figures/spread.ts';
import { post, smallChat } from '../load/requests.ts';
import { cpuPerRequest, measureRounds } from '../measure-rounds.ts';
import type { Workbench } from '../workbench.ts';
import { jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';

const PACKAGE = '@portkey-ai/gateway';

export const besidePortkey: Profile = {
  name: 'portkey',
  title: "Beside Portkey's gateway",
  method: `\`${PACKAGE}\` from npm, as it comes, told by headers to speak to the same upstream; 64 connections, in turn. It does no authentication, limits or metrics of its own here.`,
  async measure(bench) {
    const upstream = await bench.upstream();
    const script = install(bench);
    const portkey = await bench.listening('portkey', bench.cores.measured, (port) => [process.execPath, script, `--port=${port}`, '--headless']);
    const gateway = await bench.gateway(upstream);
    const request = post(smallChat(), {
      headers: { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `http://127.0.0.1:${upstream.port}/json/v1` },
    });
    const rounds = await measureRounds({ portkey: jsonSide(portkey, 64, { requests: [request] }), gateway: jsonSide(gateway, 64) }, bench.pace);
    const [theirs, ours] = [cpuPerRequest(rounds.portkey), cpuPerRequest(rounds.gateway)];
    return {
      figures: [
        { what: 'CPU per request, Portkey', unit: 'µs', spread: spreadOf(theirs) },
        { what: 'CPU per request, this gateway', unit: 'µs', spread: spreadOf(ours) },
        { what: 'Portkey, ratio to this gateway', unit: '×', spread: ratios(theirs, ours), bar: { atLeast: 15 } },
      ],
    };
  },
};

/** Its one script of installation patches packages, by a folder of patches that is not in what npm brings. */
function install({ folder }: Workbench): string {
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const options = ['--no-audit', '--no-fund', '--no-progress', '--ignore-scripts'];
  execFileSync('npm', ['install', ...options, PACKAGE], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const script = join(folder, 'node_modules', PACKAGE, 'build/start-server.js');
  if (!existsSync(script)) throw new Error(`${PACKAGE} has no start-server.js any more`);
  return script;
}
