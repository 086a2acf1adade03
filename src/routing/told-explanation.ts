import type { LimitSettings } from '../contracts/gateway-settings.js';
import type { Principal } from '../contracts/principal.js';
import type { ExplainedPlan, ExplainedTarget } from './explained-plan.js';

/** What is left of a limit. `remaining` and `reset` are null where it was not asked, or cannot be. */
export interface ToldLimit {
  readonly limit: number;
  readonly remaining: number | null;
  readonly reset: string | null;
  /** What calls do while the store that counts cannot be asked; null: it can. */
  readonly meanwhile: LimitSettings['onRedisDown'] | null;
}

/** How an upstream fares now, by the process that answers. */
export interface ToldState {
  readonly available: boolean;
  readonly circuit: 'closed' | 'half-open' | 'open';
  /** null: the circuit is not open. 0: the next call is the probe. */
  readonly probe_in_seconds: number | null;
  readonly resting_seconds: number;
  readonly in_flight: number;
  readonly max_in_flight: number;
}

export interface ToldCandidate {
  readonly upstream: string;
  readonly reason: ExplainedTarget['reason'];
  readonly share: number | null;
  readonly fallback_of: string | null;
  readonly answers_as: string;
  readonly key_missing: boolean;
  /** null: nobody serves, the settings alone were read. */
  readonly now: ToldState | null;
  /** Operators alone are told the rest. */
  readonly model_sent?: string;
  readonly address?: string;
}

/** What the client would be told, and for operators alone what it would not. */
export interface ToldRefusal {
  readonly status: number;
  readonly code: string;
  readonly reason?: 'unknown_credential' | 'unknown_model' | 'forbidden_model';
  /** The nearest name that leads somewhere. */
  readonly did_you_mean?: string | null;
}

/** What would become of a call, as JSON. */
export interface ToldExplanation {
  readonly object: 'explanation';
  readonly model: string;
  readonly user: string | null;
  /** null: no such credential. `id` is the log's. */
  readonly principal: { readonly kind: Principal['kind']; readonly id: string } | null;
  /** `allowed_models`: null is every model. */
  readonly policy: { readonly own: boolean; readonly allowed_models: readonly string[] | null } | null;
  /** `requests`: null is no limit. */
  readonly limits: { readonly requests: ToldLimit | null } | null;
  readonly refused: ToldRefusal | null;
  readonly route: { readonly strategy: string; readonly shares: Readonly<Record<string, number>> } | null;
  readonly order: ExplainedPlan['order'] | null;
  readonly attempts_max: number;
  readonly candidates: readonly ToldCandidate[];
  /** For operators: fallbacks that this caller may not use. */
  readonly left_out?: readonly string[];
}
