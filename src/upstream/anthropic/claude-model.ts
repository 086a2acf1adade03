/** What a Claude model can take, by its name: Anthropic's own spelling, a router's, or a cloud's. An unknown name is taken for an old model. */
export interface ClaudeModel {
  /** The most tokens of one answer: the request must name a number. */
  readonly outputTokensMax: number;
  /** `thinking.type` `adaptive` and `output_config.effort`, in place of a budget. */
  readonly thinksAdaptively: boolean;
  /** Takes no budget any more. */
  readonly thinksAdaptivelyOnly: boolean;
  /** `output_config.format` and strict tools; `beta` where a header has to ask for them. */
  readonly structuredOutputs: 'yes' | 'beta' | 'no';
  /** `temperature` and `top_p` cannot both be set. */
  readonly samplesOneWay: boolean;
}

export function claudeModel(name: string): ClaudeModel {
  const version = versionOf(name);
  return {
    outputTokensMax: outputTokensMax(version, name.includes('opus')),
    thinksAdaptively: version >= 406,
    thinksAdaptivelyOnly: version >= 407,
    structuredOutputs: version >= 406 ? 'yes' : version === 405 ? 'beta' : 'no',
    samplesOneWay: version >= 401,
  };
}

/** `claude-3-5-haiku-20241022` is 305, `claude-opus-4-20250514` 400, `claude-4-opus` 400, `claude-haiku-4.5` 405, `claude-sonnet-5` 500; others 0. */
function versionOf(name: string): number {
  const found = /claude-(?:[a-z]+-)?(\d{1,2})(?:[.-](\d{1,2}))?(?!\d)/.exec(name);
  return found === null ? 0 : Number(found[1]) * 100 + Number(found[2] ?? 0);
}

function outputTokensMax(version: number, isOpus: boolean): number {
  if (version < 305) return 4_096;
  if (version < 307) return 8_192;
  if (isOpus && version < 405) return 32_000;
  return isOpus && version >= 406 ? 128_000 : 64_000;
}
