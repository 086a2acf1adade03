import type { ToldCandidate, ToldExplanation, ToldRefusal } from '../routing/told-explanation.js';

/** An explanation for people, one fact a line. */
export function explanationLines(told: ToldExplanation): string {
  const { route, candidates, left_out: leftOut = [], refused, attempts_max: attemptsMax } = told;
  const lines = [
    ...callerLines(told),
    ...(refused === null ? [['route', route === null ? 'none of that name' : route.strategy]] : []),
    ...(told.order === 'by_user' ? [['order', `as drawn for the end user ${told.user ?? ''}`]] : []),
    ...candidates.map((candidate, index) => [`${index + 1}.`, candidateText(candidate)]),
    ...leftOut.map((name) => ['left out', `${name}: a fallback that this caller may not use`]),
    refused === null ? ['attempts', `at most ${attemptsMax}`] : ['refused', `${refused.status} ${refused.code}${why(refused)}`],
  ];
  return lines.map(([label = '', text = '']) => `${label.padEnd(10)} ${text}\n`).join('');
}

function callerLines({ principal, policy, limits }: ToldExplanation): string[][] {
  if (principal === null || policy === null || limits === null) return [['principal', 'nobody: this credential is not accepted']];
  const { requests } = limits;
  const { allowed_models: models } = policy;
  return [
    ['principal', `${principal.kind === 'key' ? 'a key' : 'a token'}, ${policy.own ? 'with a policy of its own' : 'without a policy of its own'}`],
    ['in the log', principal.id],
    ['limit', requests === null ? 'none' : `${requests.limit} calls a minute`],
    ['models', models === null ? 'every model' : models.join(', ') || 'none'],
  ];
}

function candidateText(candidate: ToldCandidate): string {
  const { upstream, address, model_sent: model, key_missing: isKeyMissing } = candidate;
  return `${upstream} (${because(candidate)}): ${address} as ${model}${isKeyMissing ? ', its key is missing' : ''}`;
}

function why({ reason, did_you_mean: near }: ToldRefusal): string {
  if (reason === 'forbidden_model') return ': this caller may not use it';
  if (reason !== 'unknown_model') return '';
  return `: the name leads nowhere${typeof near === 'string' ? `; did you mean ${JSON.stringify(near)}?` : ''}`;
}

function because({ reason, share, fallback_of: of }: ToldCandidate): string {
  switch (reason) {
    case 'upstream_of_that_name':
      return 'upstream of that name';
    case 'default_upstream':
      return 'default upstream';
    case 'share':
      return `${Math.round((share ?? 0) * 10_000) / 100} %`;
    case 'last_resort':
      return 'last resort';
    case 'fallback':
      return `fallback of ${of}`;
  }
}
