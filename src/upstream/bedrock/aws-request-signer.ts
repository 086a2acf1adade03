import { RequestSigner, type SignedHeaders } from '../request-signer.js';
import type { AwsCredentials, AwsCredentialSource } from './aws-credentials.js';
import { signatureV4 } from './signature-v4.js';

/** Signs what is sent to Bedrock in one region. At once, where the credentials are known. */
export class AwsRequestSigner extends RequestSigner {
  constructor(
    private readonly source: AwsCredentialSource,
    private readonly region: string,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  override sign(address: string, headers: Readonly<Record<string, string>>, body: Buffer): SignedHeaders | Promise<SignedHeaders> {
    const signed = (credentials: AwsCredentials): SignedHeaders => ({
      ...headers,
      ...signatureV4({ method: 'POST', url: new URL(address), headers, body }, credentials, {
        region: this.region,
        service: 'bedrock',
        at: new Date(this.now()),
      }),
    });
    const credentials = this.source.credentials();
    return credentials instanceof Promise ? credentials.then(signed) : signed(credentials);
  }
}
