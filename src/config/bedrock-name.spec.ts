import { bedrockAddress, bedrockName, bedrockRegion } from './bedrock-name.js';

const ARN = 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123';

it.each<[string, string, string | undefined, string]>([
  ['anthropic.claude-v2', 'converse', undefined, 'anthropic.claude-v2'],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'converse', undefined, 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['us-east-1/anthropic.claude-v2', 'converse', 'us-east-1', 'anthropic.claude-v2'],
  ['converse/us-gov-west-1/amazon.nova-lite-v1:0', 'converse', 'us-gov-west-1', 'amazon.nova-lite-v1:0'],
  ['converse_like/x.y', 'converse', undefined, 'x.y'],
  ['invoke/ap-southeast-2/x.y', 'converse', 'ap-southeast-2', 'x.y'],
  ['openai/openai.gpt-oss-20b-1:0', 'openai', undefined, 'openai.gpt-oss-20b-1:0'],
  ['agent/A/B', 'agent', undefined, 'A/B'],
  [`converse/${ARN}`, 'converse', 'eu-west-1', ARN],
  [`llama/${ARN}`, 'converse', 'eu-west-1', ARN],
  [`us-east-1/${ARN}`, 'converse', 'us-east-1', ARN],
  ['imported/model', 'converse', undefined, 'imported/model'],
])('%s', (rest, route, region, model) => {
  expect(bedrockName(rest)).toEqual({ route, region, model });
});

it('the region is that of the name, then AWS_REGION_NAME, then AWS_REGION, then us-west-2', () => {
  const both = (name: string): string => `${name}-value`;
  expect(bedrockRegion('eu-west-1', both)).toBe('eu-west-1');
  expect(bedrockRegion(undefined, both)).toBe('AWS_REGION_NAME-value');
  expect(bedrockRegion(undefined, (name) => (name === 'AWS_REGION' ? 'x' : undefined))).toBe('x');
  expect(bedrockRegion(undefined, () => undefined)).toBe('us-west-2');
  expect(bedrockAddress('us-west-2')).toBe('https://bedrock-runtime.us-west-2.amazonaws.com');
  expect(bedrockAddress('cn-north-1')).toBe('https://bedrock-runtime.cn-north-1.amazonaws.com.cn');
});
