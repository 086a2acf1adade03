/** Of Anthropic's wire at Vertex AI; it stands in the body. */
export const VERTEX_ANTHROPIC_VERSION = 'vertex-2023-10-16';
