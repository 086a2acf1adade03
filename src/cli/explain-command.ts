import { parseArgs } from 'node:util';
import { checkedSettings } from './checked-settings.js';
import type { CliWorld } from './cli-world.js';
import { type Caller, explainCall } from './explain-call.js';

/** `nexus explain --key K --model M`: the decision, without a call. Ends with 1 when the call would be refused. Prints no key. */
export async function explainCommand(args: string[], world: CliWorld): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { key: text, subject: text, model: text, file: text } });
  const { key, subject, model } = values;
  if (model === undefined || (key === undefined) === (subject === undefined)) {
    world.err('explain wants --model M and one of --key K or --subject S\n');
    return 64;
  }
  const loaded = checkedSettings(values.file, world);
  if (typeof loaded === 'number') return loaded;

  const caller: Caller = key === undefined ? { subject: subject ?? '' } : { key };
  const { refusal, policy, ratePerMinute, route, plan, forbidden } = explainCall(loaded.settings, caller, model);
  const lines = [
    [
      'principal',
      refusal?.startsWith('401')
        ? 'nobody: this credential is not accepted'
        : `${key === undefined ? 'a token' : 'a key'}, ${policy ? 'with a policy of its own' : 'without a policy of its own'}`,
    ],
    ['limit', ratePerMinute === 0 ? 'none' : `${ratePerMinute} calls a minute`],
    ['models', policy?.allowedModels === undefined ? 'every model' : policy.allowedModels.join(', ') || 'none'],
    ['route', route === undefined ? 'none of that name' : route.strategy],
    ...plan.map(({ upstream, modelSent, because }, index) => [
      `${index + 1}.`,
      `${upstream.name} (${because}): ${upstream.baseUrl} as ${modelSent}${upstream.keyMissing ? ', its key is missing' : ''}`,
    ]),
    ...forbidden.map((name) => ['left out', `${name}: a fallback that this caller may not use`]),
    refusal === undefined ? ['attempts', `at most ${loaded.settings.resilience.attemptsMax}`] : ['refused', refusal],
  ];
  world.out(lines.map(([label = '', told = '']) => `${label.padEnd(10)} ${told}\n`).join(''));
  return refusal === undefined ? 0 : 1;
}
