import { type GatewayProcess, startGateway } from '../doubles/gateway-process.js';
import { until } from './until.js';

/** A gateway of two workers, when both serve: one alone makes it ready, but the banner waits for all. */
export async function twoWorkers(env: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const gateway = await startGateway({ GATEWAY_WORKERS: '2', ...env });
  await until('both workers serve', () => gateway.stderr().includes('2 workers'), 15_000);
  return gateway;
}
