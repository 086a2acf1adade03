/** Who is calling, as far as anything behind the door needs to know. */
export interface Principal {
  /** A configured key, or the `sub` of a token: spelled alike they are still two principals. */
  readonly kind: 'key' | 'subject';
  /** 32 hex digits, the same on every replica and after a restart; says nothing of the key. Names buckets and draws. */
  readonly id: string;
  /** Names the principal may ask for; undefined: every name. */
  readonly allowedModels: ReadonlySet<string> | undefined;
  /** Calls a minute; 0 is unlimited. */
  readonly rateLimitPerMinute: number;
}
