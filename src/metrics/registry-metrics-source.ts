import type { Registry } from 'prom-client';
import { MetricsSource } from './metrics-source.js';

/** The metrics of this process alone. */
export class RegistryMetricsSource extends MetricsSource {
  constructor(private readonly registry: Registry) {
    super();
  }

  override get contentType(): string {
    return this.registry.contentType;
  }

  override text(): Promise<string> {
    return this.registry.metrics();
  }
}
