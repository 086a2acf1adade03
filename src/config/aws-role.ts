import type { BedrockDialect } from '../contracts/upstream-dialect.js';
import { httpAddress } from './http-address.js';
import type { LitellmFault } from './litellm-fault.js';

type Variables = (name: string) => string | undefined;

/**
 * The role that LiteLLM's variables name. undefined: none, or the one that AWS' own tools assume by themselves (`AWS_ROLE_ARN` beside
 * `AWS_WEB_IDENTITY_TOKEN_FILE`).
 */
export function awsRole(region: string, variable: Variables): BedrockDialect['role'] | LitellmFault {
  const arn = variable('AWS_ROLE_NAME');
  if (arn === undefined) return undefined;
  if (!/^arn:[\w-]+:iam::\d+:role\/\S+$/.test(arn))
    return { variable: 'AWS_ROLE_NAME', fault: 'must be the whole name of a role', fix: 'AWS_ROLE_NAME=arn:aws:iam::123456789012:role/my-role' };
  const tokenFile = variable('AWS_WEB_IDENTITY_TOKEN_FILE');
  const toolsRole = tokenFile === undefined ? undefined : variable('AWS_ROLE_ARN');
  if (toolsRole === arn) return undefined;
  const sessionName = variable('AWS_SESSION_NAME') ?? 'nexus-gateway';
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName))
    return { variable: 'AWS_SESSION_NAME', fault: 'must be 2 to 64 letters, digits and +=,.@_-', fix: 'AWS_SESSION_NAME=nexus-gateway' };
  const place = sts(region, variable);
  if ('fault' in place) return place;
  const token = variable('AWS_WEB_IDENTITY_TOKEN');
  // A tool's role beside it is whom the file belongs to: then that role assumes this one.
  const ownFile = toolsRole === undefined ? tokenFile : undefined;
  return { arn, sessionName, externalId: variable('AWS_EXTERNAL_ID'), ...place, token, tokenFile: token === undefined ? ownFile : undefined };
}

/** The region's own service, or the one that `AWS_STS_ENDPOINT` names; calls are signed for the region that its name tells. */
function sts(region: string, variable: Variables): { readonly stsUrl: string; readonly stsRegion: string } | LitellmFault {
  const near = variable('AWS_REGION') ?? variable('AWS_DEFAULT_REGION') ?? region;
  const given = variable(ENDPOINT);
  if (given === undefined) return { stsUrl: `https://sts.${near}.amazonaws.com${near.startsWith('cn-') ? '.cn' : ''}`, stsRegion: near };
  const address = httpAddress(given);
  if ('fault' in address) return { variable: ENDPOINT, fault: address.fault, fix: `${ENDPOINT}=${address.fix.replaceAll('"', '')}` };
  const named = /(?:^|\.)sts(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com/.exec(address.url.hostname)?.[1];
  return { stsUrl: address.url.href, stsRegion: named ?? near };
}

const ENDPOINT = 'AWS_STS_ENDPOINT';
