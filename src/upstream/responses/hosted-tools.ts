/**
 * What becomes of tools that only a provider of the Responses API can run (`web_search`, `file_search`, `mcp`, …), where the model is served by
 * another: the request is refused by the tool's name, or the tool is left out, for clients that always offer one and can do without.
 */
export type HostedTools = 'refused' | 'left_out';
