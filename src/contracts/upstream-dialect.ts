/** The wire that an upstream speaks, with what only that wire has to be told. */
export type UpstreamDialect =
  /** OpenAI's chat completions, completions and embeddings; `responses`: it serves the Responses API too. */
  | { readonly name: 'openai'; readonly responses: boolean }
  /** A model that OpenAI serves at the Responses API alone. */
  | { readonly name: 'responses' }
  | { readonly name: 'anthropic' }
  | { readonly name: 'gemini' }
  | VertexDialect
  | BedrockDialect
  | AzureDialect
  | WatsonxDialect
  | { readonly name: 'cohere' };

/** `publisher`: whose models, and so whose wire; `partner`: of others (Llama, DeepSeek, Qwen, gpt-oss), which speak OpenAI's chat completions. */
export interface VertexDialect {
  readonly name: 'vertex_ai';
  readonly publisher: 'google' | 'anthropic' | 'partner';
  readonly project: string;
  readonly location: string;
  /** A credentials file's text or path; undefined: what the environment and the machine offer. */
  readonly credentials: string | undefined;
}

/** Where neither a bearer token nor `keys` are set, AWS' own tools are asked for credentials, for this profile or the default one. */
export interface BedrockDialect {
  readonly name: 'bedrock';
  readonly region: string;
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string | undefined } | undefined;
  readonly profile: string | undefined;
  /** Assumed with these credentials, or with a token that somebody else issued: its text, or the file that it is read from. */
  readonly role:
    | {
        readonly arn: string;
        readonly sessionName: string;
        readonly externalId: string | undefined;
        readonly stsUrl: string;
        readonly stsRegion: string;
        readonly token: string | undefined;
        readonly tokenFile: string | undefined;
      }
    | undefined;
}

export interface AzureDialect {
  readonly name: 'azure';
  readonly apiVersion: string;
  /** The key is a token of Entra's, which its operator got himself. */
  readonly keyIsToken: boolean;
  /** An application that gets its own tokens; undefined: there is a key. */
  readonly application:
    | { readonly tenantId: string; readonly clientId: string; readonly clientSecret: string; readonly scope: string; readonly authority: string }
    | undefined;
}

/** IBM's watsonx.ai. `project` goes before `space`; only deployments (`deployment/ID`) need neither. */
export interface WatsonxDialect {
  readonly name: 'watsonx';
  readonly apiVersion: string;
  readonly project: string | undefined;
  readonly space: string | undefined;
  /** `api_key` is exchanged for tokens at `identityUrl`; `zen_key` is one of a platform of the operator's own. */
  readonly keyIs: 'api_key' | 'token' | 'zen_key';
  readonly identityUrl: string;
}
