import { BlockList, isIPv6 } from 'node:net';
import type { NetworkPolicy, Peer } from './manifests.js';

/** Somewhere a pod may want to go: an address outside, or a pod by its labels (in the gateway's namespace, or in the one named). */
export interface Destination {
  readonly address?: string;
  readonly pod?: Readonly<Record<string, string>>;
  readonly namespace?: Readonly<Record<string, string>>;
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP';
}

/** What a cluster that enforces the policy would let out. */
export function letsOut({ spec }: NetworkPolicy, to: Destination): boolean {
  if (!spec.policyTypes.includes('Egress')) return true;
  return spec.egress.some(
    (rule) =>
      rule.ports.some(({ port, protocol }) => port === to.port && protocol === (to.protocol ?? 'TCP')) && rule.to.some((peer) => fits(peer, to)),
  );
}

function fits(peer: Peer, to: Destination): boolean {
  if (peer.ipBlock !== undefined)
    return (
      to.address !== undefined &&
      inside(peer.ipBlock.cidr, to.address) &&
      !(peer.ipBlock.except ?? []).some((block) => inside(block, to.address ?? ''))
    );
  if (to.pod === undefined) return false;
  const sameNamespace =
    peer.namespaceSelector === undefined ? to.namespace === undefined : holds(peer.namespaceSelector.matchLabels, to.namespace ?? {});
  return sameNamespace && holds(peer.podSelector?.matchLabels, to.pod);
}

function holds(wanted: Readonly<Record<string, string>> = {}, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

function inside(block: string, address: string): boolean {
  const [network = '', bits] = block.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (isIPv6(network) !== isIPv6(address)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}
