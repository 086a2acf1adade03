/** The inference endpoints this gateway speaks, in the words of its metrics. */
export type InferenceEndpoint = 'chat_completions' | 'completions' | 'embeddings';

/** Every value the `endpoint` label may take; what is not inference and not the model list is `other`. */
export type Endpoint = InferenceEndpoint | 'responses' | 'messages' | 'count_tokens' | 'models' | 'other';
