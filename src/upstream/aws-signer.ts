import type { BedrockDialect } from '../contracts/upstream-dialect.js';
import { AwsRequestSigner } from './bedrock/aws-request-signer.js';
import { FixedCredentials } from './bedrock/fixed-credentials.js';
import { ProvidedCredentials } from './bedrock/provided-credentials.js';

/** Signs for one region, with what the settings hold or with what AWS' own tools find. */
export function awsSigner({ region, keys, profile }: BedrockDialect): AwsRequestSigner {
  return new AwsRequestSigner(keys === undefined ? new ProvidedCredentials(profile) : new FixedCredentials(keys), region);
}
