/** What a validation complains of (`Value at 'inferenceConfig.temperature' failed …`), in OpenAI's words where it has one; undefined: it does not say. */
export function parameterOf(message: string | undefined): string | undefined {
  const place = /\bat '([\w.[\]]{1,80})' failed to satisfy|^(?:[^:]{0,60}: )?((?:messages|system|tools|toolConfig)\.[\w.]{1,80}):/.exec(
    message ?? '',
  );
  const name = place?.[1] ?? place?.[2];
  return name === undefined ? undefined : (OPENAI[name.replace(/\.\d+.*$/, '')] ?? name);
}

const OPENAI: Readonly<Record<string, string>> = {
  'inferenceConfig.maxTokens': 'max_tokens',
  'inferenceConfig.temperature': 'temperature',
  'inferenceConfig.topP': 'top_p',
  'inferenceConfig.stopSequences': 'stop',
};
