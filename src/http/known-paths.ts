import type { Endpoint, InferenceEndpoint } from '../contracts/endpoint.js';

export interface KnownPath {
  readonly endpoint: Endpoint;
  readonly methods: readonly string[];
}

const GET = ['GET', 'HEAD'];
const inference = (endpoint: InferenceEndpoint): KnownPath => ({ endpoint, methods: ['POST'] });
const other: KnownPath = { endpoint: 'other', methods: GET };
const models: KnownPath = { endpoint: 'models', methods: GET };

/** Everything that answers at all. Under `/v1` the same paths answer as without it, where they are the API's. */
const API: Readonly<Record<string, KnownPath>> = {
  '/chat/completions': inference('chat_completions'),
  '/completions': inference('completions'),
  '/embeddings': inference('embeddings'),
  '/responses': inference('responses'),
  '/messages': inference('messages'),
  '/messages/count_tokens': inference('count_tokens'),
  '/models': models,
  '/explain': other,
};
const PUBLIC = [
  '/health',
  '/health/live',
  '/health/ready',
  '/livez',
  '/readyz',
  '/healthz',
  '/health/liveliness',
  '/health/readiness',
  '/metrics',
  '/docs',
  '/docs-json',
];

const PATHS: ReadonlyMap<string, KnownPath> = new Map([
  ...Object.entries(API),
  ...Object.entries(API).map(([path, known]) => [`/v1${path}`, known] as const),
  ...PUBLIC.map((path) => [path, other] as const),
]);

/** What answers at this path, the query left out; undefined: nothing does. A path is told by what it says, as the router does, however it is spelled. */
export function knownPath(spelled: string): KnownPath | undefined {
  const path = spelled.includes('%') ? decoded(spelled) : spelled;
  const known = PATHS.get(path);
  if (known !== undefined) return known;
  if (/^(?:\/v1)?\/models\/./.test(path)) return models;
  return path.startsWith('/docs/') ? other : undefined;
}

/** Without the query, and without the fragment that nobody should have sent. */
export function pathOf(url: string): string {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const fragment = path.indexOf('#');
  return fragment < 0 ? path : path.slice(0, fragment);
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
