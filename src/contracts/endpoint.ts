/** The inference endpoints this gateway speaks, in the words of its metrics. */
export type InferenceEndpoint = 'chat_completions' | 'completions' | 'embeddings' | 'responses' | 'messages' | 'count_tokens';

/** Every value the `endpoint` label may take; what is not inference and not the model list is `other`. */
export type Endpoint = InferenceEndpoint | 'models' | 'other';
