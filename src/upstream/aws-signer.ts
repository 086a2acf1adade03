import type { BedrockDialect } from '../contracts/upstream-dialect.js';
import type { AwsCredentialSource } from './bedrock/aws-credentials.js';
import { AwsRequestSigner } from './bedrock/aws-request-signer.js';
import { FixedCredentials } from './bedrock/fixed-credentials.js';
import { ProvidedCredentials } from './bedrock/provided-credentials.js';
import { RoleCredentials } from './bedrock/role-credentials.js';

/** Signs for one region, with what the settings hold or with what AWS' own tools find, or with a role that is assumed by it. */
export function awsSigner(dialect: BedrockDialect): AwsRequestSigner {
  return new AwsRequestSigner(sourceOf(dialect), dialect.region);
}

function sourceOf({ keys, profile, role }: BedrockDialect): AwsCredentialSource {
  const own = (): AwsCredentialSource => (keys === undefined ? new ProvidedCredentials(profile) : new FixedCredentials(keys));
  if (role === undefined) return own();
  const { arn, sessionName, externalId, stsUrl: address, stsRegion: region, token, tokenFile } = role;
  const bearer = token !== undefined ? { token } : tokenFile !== undefined ? { tokenFile } : { source: own() };
  return new RoleCredentials({ arn, sessionName, externalId, address, region }, bearer);
}
