/** What a played provider does; the prompt asks for it by name: `scene:tool`. `both`: words, and then a call. */
export type Scene = 'text' | 'tool' | 'both' | 'length' | 'thinks' | 'form';

/** What every provider says, each in its own wire. */
const WORDS = ['Grüße, ', '世界 🌍!'] as const;
export const TEXT = WORDS.join('');
export const THOUGHT = 'First, think.';
export const SIGNATURE = 'c2lnbmF0dXJlLW9mLXRoZS10aG91Z2h0';
export const CALL = { id: 'call_7', name: 'weather', arguments: { city: 'Köln', days: 2 } } as const;
export const TOKENS = { input: 11, output: 7 } as const;
/** What is said where JSON of a schema was asked for: what the tool is called with. */
const FORM = JSON.stringify(CALL.arguments);
const FORM_WORDS = [FORM.slice(0, 9), FORM.slice(9)] as const;

export function wordsOf(scene: Scene): readonly [string, string] {
  return scene === 'form' ? FORM_WORDS : WORDS;
}

/** Why a provider refuses, in its own words. */
export const REFUSAL = 'temperature: 9 is more than this model takes.';

/** A provider's wire, played: to add one, a file like its neighbours and a line in the table. */
export interface PlayedProvider {
  /** The address for `GATEWAY_UPSTREAMS`; `base` is where the provider is reached. */
  upstream(base: string): string;
  /** What else the gateway's environment has to hold. */
  environment(base: string): Readonly<Record<string, string>>;
  /** How its streams say what they are. */
  readonly streamType: string;
  answer(scene: Scene): object;
  /** One part an event; the first half of a text's holds some of it. */
  stream(scene: Scene): readonly (string | Buffer)[];
  refusal(status: number): object;
  /** Where the provider has embeddings. */
  embeddings?(vectors: readonly (readonly number[])[]): object;
}
