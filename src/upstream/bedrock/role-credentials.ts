import { readFile } from 'node:fs/promises';
import { askSts } from './ask-sts.js';
import type { AwsCredentials, AwsCredentialSource } from './aws-credentials.js';
import { KeptCredentials, type ProvidedIdentity } from './kept-credentials.js';
import { StsRefusal } from './sts-refusal.js';
import type { StsRole } from './sts-role.js';
import { xmlText } from './xml-text.js';

/** Who assumes a role: whoever these credentials are of, or the bearer of a token that somebody else issued, which is read anew each time. */
export type RoleBearer = { readonly source: AwsCredentialSource } | { readonly token: string } | { readonly tokenFile: string };

/**
 * Credentials of a role, for an hour at a time. Who is refused because he has the role already, as a container or a machine may have it, goes on
 * with his own.
 */
export class RoleCredentials extends KeptCredentials {
  constructor(role: StsRole, bearer: RoleBearer, now: () => number = Date.now) {
    super(() => ('source' in bearer ? assumed(role, bearer.source, now) : assumedByToken(role, bearer, now)), now);
  }
}

async function assumed(role: StsRole, source: AwsCredentialSource, now: () => number): Promise<ProvidedIdentity> {
  const own = await source.credentials();
  try {
    const more: Record<string, string> = role.externalId === undefined ? {} : { ExternalId: role.externalId };
    return identityIn(await askSts(role, 'AssumeRole', { ...session(role), ...more }, own, new Date(now())));
  } catch (error) {
    if (!(error instanceof StsRefusal) || error.code !== 'AccessDenied' || !(await hasRole(role, own, now))) throw error;
    const { sessionToken, ...keys } = own;
    return { ...keys, ...(sessionToken !== undefined && { sessionToken }) };
  }
}

async function assumedByToken(
  role: StsRole,
  bearer: { readonly token: string } | { readonly tokenFile: string },
  now: () => number,
): Promise<ProvidedIdentity> {
  const token = 'token' in bearer ? bearer.token : await contentOf(bearer.tokenFile);
  const parameters = { ...session(role), WebIdentityToken: token };
  return identityIn(await askSts(role, 'AssumeRoleWithWebIdentity', parameters, undefined, new Date(now())));
}

function session({ arn, sessionName }: StsRole): { readonly RoleArn: string; readonly RoleSessionName: string; readonly DurationSeconds: string } {
  return { RoleArn: arn, RoleSessionName: sessionName, DurationSeconds: '3600' };
}

async function contentOf(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    throw new Error('the file of the web identity token cannot be read');
  }
}

/** Whether these credentials are already those of the role, as AWS itself tells. */
async function hasRole(role: StsRole, own: AwsCredentials, now: () => number): Promise<boolean> {
  const wanted = roleIn(role.arn);
  const told = xmlText(await askSts(role, 'GetCallerIdentity', {}, own, new Date(now())), 'Arn') ?? '';
  return wanted !== undefined && wanted === roleIn(told);
}

/** Partition, account and name, alike for the role (`…:iam::1:role/path/NAME`) and a session of it (`…:sts::1:assumed-role/NAME/SESSION`). */
function roleIn(arn: string): string | undefined {
  const [, partition, account, name, sessioned] =
    /^arn:([\w-]+):(?:iam|sts)::(\d+):(?:role\/(?:.*\/)?([^/]+)|assumed-role\/([^/]+)\/.+)$/.exec(arn) ?? [];
  return partition === undefined ? undefined : `${partition} ${account ?? ''} ${name ?? sessioned ?? ''}`;
}

function identityIn(xml: string): ProvidedIdentity {
  const [accessKeyId, secretAccessKey, sessionToken] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map((name) => xmlText(xml, name));
  const expiration = new Date(xmlText(xml, 'Expiration') ?? '');
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(expiration.getTime())) throw new Error('the answer holds no credentials');
  return { accessKeyId, secretAccessKey, sessionToken, expiration };
}
