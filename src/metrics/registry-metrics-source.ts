import type { Registry } from 'prom-client';
import { MetricsSource } from './metrics-source.js';
import { withSilentWorkers } from './silent-workers.js';

/** The metrics of this process alone. */
export class RegistryMetricsSource extends MetricsSource {
  constructor(private readonly registry: Registry) {
    super();
  }

  override get contentType(): string {
    return this.registry.contentType;
  }

  override async text(): Promise<string> {
    return withSilentWorkers(await this.registry.metrics(), 0);
  }
}
