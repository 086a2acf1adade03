import { spreadOf } from '../figures/spread.ts';
import { residentMb } from '../machine/memory.ts';
import { freePort } from '../machine/free-port.ts';
import { processTree } from '../machine/process-tree.ts';
import { isReady } from '../workbench.ts';
import type { Profile } from './profile.ts';

export const startAndRest: Profile = {
  name: 'start',
  title: 'Start and rest',
  method:
    'The built gateway with its default settings (a mock upstream, no Redis), from the start of its process to the first 200 of `/health/ready`; and the memory of that process 3 s later, without having served anything.',
  async measure(bench) {
    const starts = [];
    const memory = [];
    for (let round = 0; round < (bench.pace.isQuick ? 2 : 5); round++) {
      const port = await freePort();
      const startedAt = performance.now();
      const child = bench.start('start', bench.cores.measured, bench.gatewayCommand(), { GATEWAY_PORT: String(port) });
      await child.until(() => isReady(port));
      starts.push((performance.now() - startedAt) / 1000);
      await new Promise((resolve) => setTimeout(resolve, bench.pace.restMs));
      memory.push(residentMb(processTree(child.pid)));
      await child.stop();
    }
    return {
      figures: [
        { what: 'start to ready', unit: 's', spread: spreadOf(starts), bar: { atMost: 2 } },
        { what: 'memory at rest', unit: 'MB', spread: spreadOf(memory), bar: { atMost: 150 } },
      ],
    };
  },
};
