import type { CustomTool } from './custom-tool.js';
import type { OwnTool } from './own-tool.js';

/**
 * A chat request in no provider's words: what an inbound dialect is read into, and every outbound dialect is written from.
 * It holds what at least two wires can say. What only the client's wire can say is kept by name in `unsaid`, so that whoever
 * writes the request can refuse it or leave it out, as its provider's users expect.
 */
export interface NeutralRequest {
  /** System and developer messages, in order. */
  readonly system: readonly TextPart[];
  readonly turns: readonly Turn[];
  readonly tools: readonly ToolSpec[];
  /** For the one provider that knows them; every other refuses them. */
  readonly ownTools?: readonly OwnTool[];
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: string } | undefined;
  /** false: at most one tool call in an answer. */
  readonly parallelTools: boolean | undefined;
  readonly outputTokensMax: number | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly topK: number | undefined;
  readonly stop: readonly string[];
  readonly seed: number | undefined;
  readonly frequencyPenalty: number | undefined;
  readonly presencePenalty: number | undefined;
  /** Number of alternatives a token; 0: the chosen one alone; undefined: no log probabilities. */
  readonly logprobs: number | undefined;
  /** How many answers. */
  readonly choices: number;
  readonly format: OutputFormat;
  readonly reasoning: ReasoningWish | undefined;
  /** The end user, as the client names him. */
  readonly user: string | undefined;
  /** Parameters that only the client's wire knows, by their names there, values as they came. */
  readonly unsaid: ReadonlyMap<string, unknown>;
}

export type OutputFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'json' }
  | {
      readonly kind: 'schema';
      readonly name: string;
      readonly description: string | undefined;
      readonly schema: JsonObject;
      readonly strict: boolean | undefined;
    };

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh';

export interface ReasoningWish {
  readonly effort: ReasoningEffort | undefined;
  readonly budgetTokens: number | undefined;
  /** The provider decides how much (Anthropic's `adaptive`). */
  readonly adaptive: boolean;
}

export type JsonObject = { readonly [key: string]: unknown };

export interface ToolSpec {
  readonly name: string;
  readonly description: string | undefined;
  /** JSON Schema of the arguments; undefined: none were given. */
  readonly parameters: JsonObject | undefined;
  readonly strict: boolean | undefined;
  /** The client asks that the prompt up to here is cached. */
  readonly cache: CacheMark | undefined;
  /** What it is where a provider knows tools whose input is a text: the rest is its form as a function. */
  readonly custom?: CustomTool;
}

/** `ttl` as the client's wire says it (`5m`, `1h`). */
export interface CacheMark {
  readonly ttl: string | undefined;
}

/** Turns of one role may follow each other; who needs them to alternate merges them. Tool results stand in turns of the user. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly parts: readonly Part[];
}

export type Part = TextPart | ImagePart | FilePart | AudioPart | RefusalPart | ReasoningPart | ToolCallPart | ToolResultPart;

export interface TextPart {
  readonly kind: 'text';
  readonly text: string;
  readonly cache?: CacheMark | undefined;
}

/** Where bytes are: inline (base64), or an address that the provider fetches; this gateway never does. `mime` of an address: as the client says. */
export type Media =
  { readonly base64: string; readonly mime: string } | { readonly url: string; readonly mime?: string } | { readonly fileId: string };

export interface ImagePart {
  readonly kind: 'image';
  readonly media: Media;
  readonly detail: string | undefined;
  readonly cache?: CacheMark | undefined;
  /** It stands in an answer: a model made it. */
  readonly isMade?: true;
}

export interface FilePart {
  readonly kind: 'file';
  readonly media: Media;
  readonly name: string | undefined;
  readonly cache?: CacheMark | undefined;
}

export interface AudioPart {
  readonly kind: 'audio';
  readonly base64: string;
  readonly format: string;
}

export interface RefusalPart {
  readonly kind: 'refusal';
  readonly text: string;
}

/** What the model thought in an earlier turn. A provider that signed it wants the signature back, or the whole part unreadable. */
export interface ReasoningPart {
  readonly kind: 'reasoning';
  readonly text: string;
  readonly signature: string | undefined;
  /** Encrypted instead of readable. */
  readonly redacted: string | undefined;
}

export interface ToolCallPart {
  readonly kind: 'tool_call';
  readonly id: string;
  readonly name: string;
  /** JSON text of an object; `{}` where there were none. */
  readonly arguments: string;
  /** It called a custom tool: its input is the `input` in the arguments. */
  readonly isCustom?: true;
  /** A provider's mark that has to come back with the call (Gemini's thought signature). */
  readonly signature: string | undefined;
  readonly cache?: CacheMark | undefined;
}

export interface ToolResultPart {
  readonly kind: 'tool_result';
  readonly callId: string;
  readonly content: readonly (TextPart | ImagePart | FilePart)[];
  readonly isError: boolean;
  readonly cache?: CacheMark | undefined;
}
