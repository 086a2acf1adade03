import { settingsFrom } from '../../test/doubles/settings-from.js';
import { HealthView, type UpstreamView } from '../contracts/health-view.js';
import type { Principal } from '../contracts/principal.js';
import { explainPlan } from './explained-plan.js';
import { type Explained, tellExplanation } from './tell-explanation.js';

const VIEW: UpstreamView = { isAvailable: false, circuit: 'open', probeInMs: 12_345, restLeftMs: 1, inFlight: 3, inFlightMax: 512 };

class OneView extends HealthView {
  constructor(private readonly seen: Partial<UpstreamView>) {
    super();
  }
  override circuits(): never {
    throw new Error('Each upstream is looked at by itself.');
  }
  override isAvailable(): boolean {
    return true;
  }
  override view(): UpstreamView {
    return { ...VIEW, ...this.seen };
  }
}

const settings = settingsFrom({
  GATEWAY_UPSTREAMS: 'a=http://inner-host:1?model=inner-a;b=litellm://groq/inner-b;hidden=mock://local',
  GATEWAY_FALLBACKS: 'chat=hidden',
  GATEWAY_ROUTE_POLICIES: '{"chat":{"strategy":"weighted","targets":[{"name":"a","weight":2},{"name":"b","weight":1}]}}',
});
const principal: Principal = { kind: 'subject', id: '0123456789abcdef'.repeat(2), allowedModels: new Set(['chat']), rateLimitPerMinute: 5 };
const requests = { limit: 5, remaining: 2, reset: '36s', meanwhile: null };

function explained(seen: Partial<UpstreamView> = {}): Explained {
  const [model, endUser] = ['chat', undefined];
  const plan = explainPlan({ model, principal, endUser }, settings);
  return { model, endUser, caller: { principal, hasPolicy: true, requests }, plan, health: new OneView(seen) };
}

it('a caller is told the whole decision', () => {
  expect(tellExplanation(explained(), settings, 'caller')).toMatchObject({
    object: 'explanation',
    model: 'chat',
    user: null,
    principal: { kind: 'subject', id: '0123456789ab' },
    policy: { own: true, allowed_models: ['chat'] },
    limits: { requests },
    refused: null,
    route: { strategy: 'weighted', shares: { a: 0.666667, b: 0.333333 } },
    order: 'by_share',
    attempts_max: 3,
    candidates: [
      {
        upstream: 'a',
        reason: 'share',
        share: 0.666667,
        fallback_of: null,
        answers_as: 'chat',
        key_missing: false,
        now: { available: false, circuit: 'open', probe_in_seconds: 12.4, resting_seconds: 0.1, in_flight: 3, max_in_flight: 512 },
      },
      { upstream: 'b', share: 0.333333, key_missing: true },
    ],
  });
});

it('and nothing of addresses, inner names, or of what it may not use; an operator is', () => {
  const told = JSON.stringify(tellExplanation(explained(), settings, 'caller'));
  expect(told).not.toMatch(/inner|hidden|left_out|http|groq/);
  expect(tellExplanation(explained(), settings, 'operator')).toMatchObject({
    candidates: [{ model_sent: 'inner-a', address: 'http://inner-host:1/v1' }, { model_sent: 'inner-b' }],
    left_out: ['hidden'],
  });
});

it('a probe is told of an open circuit alone: 0 when it is due', () => {
  const probe = (seen: Partial<UpstreamView>) => tellExplanation(explained(seen), settings, 'caller').candidates[0]?.now?.probe_in_seconds;
  expect(probe({ probeInMs: 0 })).toBe(0);
  expect(probe({ circuit: 'half-open', probeInMs: 0 })).toBeNull();
  expect(probe({ circuit: 'closed', probeInMs: 0 })).toBeNull();
});

it('where nobody serves, how upstreams fare is not known', () => {
  const { candidates } = tellExplanation({ ...explained(), health: undefined }, settings, 'operator');
  expect(candidates.map(({ now }) => now)).toEqual([null, null]);
});

it('a call that would be refused has no candidates, and says how', () => {
  expect(tellExplanation({ ...explained(), plan: undefined }, settings, 'operator')).toMatchObject({
    principal: { kind: 'subject' },
    refused: { status: 404, code: 'model_not_found', reason: 'forbidden_model', did_you_mean: null },
    route: null,
    order: null,
    candidates: [],
    left_out: [],
  });
  expect(tellExplanation({ ...explained(), model: 'chatt', plan: undefined }, settings, 'operator').refused).toEqual({
    status: 404,
    code: 'model_not_found',
    reason: 'unknown_model',
    did_you_mean: 'chat',
  });
  expect(tellExplanation({ ...explained(), model: 'chatt', plan: undefined }, settings, 'caller').refused).toEqual({
    status: 404,
    code: 'model_not_found',
  });
  expect(tellExplanation({ ...explained(), caller: undefined, plan: undefined }, settings, 'operator')).toMatchObject({
    principal: null,
    policy: null,
    limits: null,
    refused: { status: 401, code: 'invalid_api_key', reason: 'unknown_credential', did_you_mean: null },
    candidates: [],
  });
});
