/** Sections of LiteLLM's file that are left out whole: what to do instead. */
export const LEFT_SECTIONS: Readonly<Record<string, string>> = {
  guardrails: 'nothing judges prompts and answers here; put a guard before the gateway',
  mcp_servers: 'tools are not run here; clients reach them themselves',
  mcp_tools: 'tools are not run here; clients reach them themselves',
  search_tools: 'tools are not run here; clients reach them themselves',
  agent_list: 'agents are not served here',
  vector_store_registry: 'vector stores are not served here',
  prompts: 'prompts are not kept here',
  finetune_settings: 'fine-tuning is not served here; call the provider',
  files_settings: 'files are not served here; call the provider',
  callback_settings: 'what a collector is told is set by OTEL_… variables: docs/telemetry.md; else collect /metrics and the log',
};

/** Sections that are read. */
export const READ_SECTIONS = [
  'model_list',
  'litellm_settings',
  'router_settings',
  'general_settings',
  'environment_variables',
  'credential_list',
] as const;
