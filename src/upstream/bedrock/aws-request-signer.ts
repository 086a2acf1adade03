import { RequestSigner, type SignedHeaders } from '../request-signer.js';
import type { AwsCredentials, AwsCredentialSource } from './aws-credentials.js';
import { signatureV4, signingKey } from './signature-v4.js';

/** Signs what is sent to Bedrock in one region. At once, where the credentials are known. */
export class AwsRequestSigner extends RequestSigner {
  private key: Buffer = Buffer.alloc(0);
  private keyedFor = '';

  constructor(
    private readonly source: AwsCredentialSource,
    private readonly region: string,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  override sign(address: string, headers: Readonly<Record<string, string>>, body: Buffer): SignedHeaders | Promise<SignedHeaders> {
    const signed = (credentials: AwsCredentials): SignedHeaders => {
      const scope = { region: this.region, service: 'bedrock', at: new Date(this.now()) };
      return { ...headers, ...signatureV4({ method: 'POST', url: new URL(address), headers, body }, credentials, scope, this.keyOf) };
    };
    const credentials = this.source.credentials();
    return credentials instanceof Promise ? credentials.then(signed) : signed(credentials);
  }

  /** Derived once a day, and when the credentials changed: it is half of what a signature costs. */
  private readonly keyOf: typeof signingKey = (secret, day, region, service) => {
    const wanted = `${day} ${secret}`;
    if (wanted !== this.keyedFor) {
      this.key = signingKey(secret, day, region, service);
      this.keyedFor = wanted;
    }
    return this.key;
  };
}
