import { randomUUID } from 'node:crypto';
import { defaultResource, detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources';

/** Which process of which gateway tells. */
export interface Teller {
  readonly version: string;
  /** Of several workers, counted from 1; undefined: it serves alone. */
  readonly workerSlot: number | undefined;
}

/** What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say comes before what is known here. Workers are instances of their own: their counts must not be mixed. */
export function telemetryResource({ version, workerSlot }: Teller): Resource {
  const own = resourceFromAttributes({ 'service.name': 'nexus-gateway', 'service.version': version, 'service.instance.id': randomUUID() });
  const asked = defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [envDetector] }));
  const named = detectResources({ detectors: [envDetector] }).attributes['service.instance.id'];
  if (workerSlot === undefined || named === undefined) return asked;
  return asked.merge(resourceFromAttributes({ 'service.instance.id': `${String(named)}-${workerSlot}` }));
}
