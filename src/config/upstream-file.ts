import { Setting } from './setting.js';
import { duration, flag, fraction, text, whole } from './setting-kind.js';

/** An upstream in the YAML file, and the options in the query of its address: both are this class. */
export class UpstreamFile {
  @Setting(
    text('an address: http://, https://, mock:// or litellm://', '"https://api.example.com/v1"'),
    'Where calls go: `http://` or `https://` (an OpenAI-compatible server), `mock://local`, or `litellm://MODEL`.',
    { required: true },
  )
  url: string;

  @Setting(text('a model name', '"llama-3.1-8b"'), 'The model name sent upstream. Without it: the name the client asked for.')
  model?: string;

  @Setting(
    text('the name of an environment variable, not the key itself', 'VLLM_API_KEY', /^[A-Za-z_][A-Za-z0-9_]*$/),
    'The environment variable that holds the key.',
    // Whoever writes the key itself here must not find it in a log.
    { secret: true },
  )
  api_key_env?: string;

  @Setting(
    text('an address: http:// or https://', '"https://my-resource.openai.azure.com"'),
    'The address of the provider, instead of what its variable or LiteLLM says.',
  )
  api_base?: string;

  @Setting(text('a version', '"2025-02-01-preview"'), 'Azure: the version of its API, instead of `AZURE_API_VERSION`.')
  api_version?: string;

  @Setting(text('a project', 'my-project'), 'Vertex AI: the project, instead of `VERTEXAI_PROJECT`.')
  vertex_project?: string;

  @Setting(text('a location', 'europe-west1'), 'Vertex AI: the location, instead of `VERTEXAI_LOCATION`.')
  vertex_location?: string;

  @Setting(duration('30'), 'Longest wait for the first byte, instead of `request_timeout_seconds`.')
  timeout?: number;

  @Setting(whole(1, 1_000_000, 64), 'Calls at a time, instead of `upstream_max_concurrency`.')
  max_concurrency?: number;

  @Setting(flag(true), "After exhausted attempts: the provider's own status and body instead of ours.")
  pass_through_errors?: boolean;

  @Setting(duration('200ms', 0), 'Mock: wait before the first byte.')
  ttft?: number;

  @Setting(fraction(0, 1_000_000, 50), 'Mock: tokens a second; 0 is as fast as it goes.')
  tps?: number;

  @Setting(fraction(0, 1, 0.1), 'Mock: share of calls answered with a 500.')
  error_rate?: number;

  @Setting(whole(200, 599, 503), 'Mock: answer every call with this status.')
  status?: number;

  @Setting(text('a text', '"Hello."', /^/), 'Mock: the text of every answer.')
  reply?: string;

  @Setting(flag(true), 'Mock: take the call and never answer.')
  hang?: boolean;

  @Setting(whole(0, 1_000_000, 20), 'Mock: cut the connection after so many tokens.')
  cut_after?: number;
}
