import { askIssuer } from '../../config/ask-issuer.js';
import type { AwsCredentials } from './aws-credentials.js';
import { signatureV4 } from './signature-v4.js';
import { StsRefusal } from './sts-refusal.js';
import type { StsRole } from './sts-role.js';
import { xmlText } from './xml-text.js';

/** One question to AWS' Security Token Service. `credentials`: whose signature it bears; undefined: none. Rejects with a word for the log; `StsRefusal` where AWS said no. */
export async function askSts(
  { address, region }: Pick<StsRole, 'address' | 'region'>,
  action: string,
  parameters: Readonly<Record<string, string>>,
  credentials: AwsCredentials | undefined,
  at: Date,
): Promise<string> {
  const url = new URL(address);
  const form = new URLSearchParams({ Action: action, Version: '2011-06-15', ...parameters });
  const request = { method: 'POST', url, headers: { 'content-type': FORM }, body: Buffer.from(form.toString()) };
  const headers = credentials === undefined ? {} : signatureV4(request, credentials, { region, service: 'sts', at });
  const { status, text } = await askIssuer({ url: url.href, accept: 'text/xml', form, headers, timeoutMs: TIMEOUT_MS, bytesMax: BYTES_MAX });
  if (status === 200) return text;
  throw new StsRefusal(action, status, /^\w{1,64}$/.exec(xmlText(text, 'Code') ?? '')?.[0]);
}

const FORM = 'application/x-www-form-urlencoded';
const TIMEOUT_MS = 10_000;
const BYTES_MAX = 64 * 1024;
