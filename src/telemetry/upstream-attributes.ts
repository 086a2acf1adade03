import type { Attributes } from '@opentelemetry/api';
import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import { providerName } from './provider-name.js';

const known = new WeakMap<UpstreamSettings, Attributes>();

/** Who serves and where, for spans and metrics alike: made once for each upstream. */
export function upstreamAttributes(upstream: UpstreamSettings): Attributes {
  let attributes = known.get(upstream);
  if (attributes === undefined) known.set(upstream, (attributes = Object.freeze(made(upstream))));
  return attributes;
}

function made(upstream: UpstreamSettings): Attributes {
  const name = { 'gen_ai.provider.name': providerName(upstream) };
  if (upstream.kind === 'mock' || !URL.canParse(upstream.baseUrl)) return name;
  const { hostname, port, protocol } = new URL(upstream.baseUrl);
  return { ...name, 'server.address': hostname.replace(/^\[|\]$/g, ''), 'server.port': Number(port || (protocol === 'https:' ? 443 : 80)) };
}
